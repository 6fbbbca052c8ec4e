using System.Text;
using System.Text.Json;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;

namespace Gantry.Runtime.External;

/// <summary>Runs an OCI runtime's commands and makes errors of what it logs.</summary>
internal sealed class RuntimeProgram(MonitorRuntime runtime, string directory)
{
    private const string NotFound = "executable file not found";

    private static readonly string[] _environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];

    private readonly string _log = Path.Combine(directory, "runtime.log");

    public string Name { get; } = Path.GetFileName(runtime.Path);

    /// <summary>Runs a command and waits for its end.</summary>
    /// <param name="command">As in <c>create</c>.</param>
    /// <param name="options">Its options.</param>
    /// <param name="id">The container.</param>
    /// <param name="stdio">What the container's process gets; what is not given is /dev/null.</param>
    /// <exception cref="GantryException">It failed: its own words, with the launch failure where they tell it.</exception>
    public void Run(string command, IReadOnlyList<string> options, string id, StdioFds stdio)
    {
        _ = Files.TryUnlinkAt(null, _log);
        using var none = Files.Open("/dev/null", OpenFlags.O_RDWR);
        Fd process;
        try
        {
            (_, process) = Spawn.Start(
                runtime.Path,
                [runtime.Path, .. runtime.Arguments, "--root", Path.Combine(directory, "runtime"), "--log", _log, "--log-format", "json", command, .. options, id],
                _environment,
                [stdio.Input ?? none, stdio.Output ?? none, stdio.Error ?? none]);
        }
        catch (SyscallException error)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"the runtime {runtime.Path} cannot be run: {error.Message}; install it, or choose another --runtime", new LaunchFailure(LaunchStage.Bundle, error.Number), error);
        }
        using (process)
        {
            var exit = Processes.Wait(process);
            if (exit.Status != 0)
                throw Failure(command, exit);
        }
    }

    /// <summary>The last error of a log of JSON lines; null when there is none. Pure.</summary>
    internal static string? LastError(string log)
    {
        string? last = null;
        foreach (var line in log.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                using var json = JsonDocument.Parse(line);
                if (json.RootElement.TryGetProperty("level", out var level) && level.GetString() is "error" or "fatal" && json.RootElement.TryGetProperty("msg", out var message))
                    last = message.GetString();
            }
            catch (Exception torn) when (torn is JsonException or InvalidOperationException)
            {
                // Not a line of the log's own: another one says more.
            }
        }
        return last;
    }

    /// <summary>What a runtime's words mean for who starts the container: 127, 126 or 128. Pure.</summary>
    /// <remarks>Source: moby daemon/errors.go translateContainerdStartErr, which reads the same words.</remarks>
    internal static LaunchFailure FailureOf(string message)
    {
        bool Says(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
        if (Says(NotFound) || Says("no such file or directory") || Says("system cannot find the file specified"))
            return new LaunchFailure(LaunchStage.Exec, Errno.ENOENT);
        if (Says("permission denied"))
            return new LaunchFailure(LaunchStage.Exec, Errno.EACCES);
        return Says("exec format error") ? new LaunchFailure(LaunchStage.Exec, Errno.ENOEXEC) : new LaunchFailure(LaunchStage.Bundle, Errno.EINVAL);
    }

    private GantryException Failure(string command, ProcessExit exit)
    {
        var text = Files.TryOpenAt(null, _log, OpenFlags.O_RDONLY, 0, out var log) == 0 ? Read(log!) : "";
        var message = LastError(text) ?? (text.Length > 0 ? text.Trim() : $"it ended with {exit.Status} and said nothing");
        var failure = FailureOf(message);
        // Clients take 127 from these words, which not every runtime uses.
        if (failure is { Stage: LaunchStage.Exec, Errno: Errno.ENOENT } && !message.Contains(NotFound, StringComparison.Ordinal))
            message += $": {NotFound} in $PATH";
        return GantryException.Of(ErrorKind.Invalid, $"OCI runtime {command} failed: {Name}: {message}", failure);
    }

    private static string Read(Fd file)
    {
        using (file)
            return Encoding.UTF8.GetString(Files.ReadToEnd(file));
    }
}
