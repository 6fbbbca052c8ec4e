using System.Globalization;
using System.Text;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Runtime;
using Gantry.Runtime.State;

namespace Gantry.Apps.GantryRuntime.Commands;

/// <summary><c>create</c>: everything but execve; init waits for <c>start</c>.</summary>
internal static class CreateCommand
{
    /// <summary>What create and run have in common.</summary>
    public static readonly string[] Valued = ["--bundle", "--console-socket", "--pidfd-socket", "--pid-file", "--preserve-fds"];

    public static readonly string[] Switches = ["--no-pivot", "--no-new-keyring", "--help"];

    private const int MostPreserved = 1024;

    public static readonly Command Command = new(
        "make a container whose program waits for start",
        "[--bundle DIR] [--console-socket PATH] [--pid-file FILE] [--no-pivot] [--no-new-keyring] [--preserve-fds N] ID",
        new(Valued, Switches, new() { ["-b"] = "--bundle" }),
        Run) { ForksIntoContainers = true };

    /// <summary>The bundle's directory.</summary>
    public static string Bundle(ParsedOptions options) => Path.GetFullPath(options.Find("--bundle") ?? ".");

    /// <summary>The part of a launch that the options decide.</summary>
    public static LaunchRequest Shape(LaunchRequest request, ParsedOptions options, bool detached)
    {
        var console = options.Find("--console-socket");
        ConsoleSocket.Check(request.Config.Process?.Terminal == true, detached, console);
        var sockets = ActivationSockets();
        var config = request.Config;
        // Source: sd_listen_fds(3); the container's process is number one of its pid namespace.
        if (sockets > 0 && config.Process is { } process)
            config = config with { Process = process with { Env = [.. process.Env, string.Create(CultureInfo.InvariantCulture, $"LISTEN_FDS={sockets}"), "LISTEN_PID=1"] } };
        return request with
        {
            Config = config,
            NoPivot = options.Has("--no-pivot"),
            NoNewKeyring = options.Has("--no-new-keyring"),
            PreserveFds = PreserveFds(options, sockets),
        };
    }

    /// <summary>How many descriptors from 3 on the process inherits.</summary>
    /// <param name="sockets">How many of socket activation come before those of <c>--preserve-fds</c>.</param>
    /// <exception cref="GantryException">Invalid: they are not there. One of our own at that number would lead out of the container.</exception>
    public static int PreserveFds(ParsedOptions options, int sockets = 0)
    {
        var wanted = options.FindNumber("--preserve-fds") ?? 0;
        if (wanted is < 0 or > MostPreserved) throw GantryException.Of(ErrorKind.Invalid, $"--preserve-fds {wanted} is out of range: 0 to {MostPreserved}");
        var count = (int)wanted + sockets;
        for (var number = 3; number < 3 + count; number++)
        {
            if (!Files.IsInherited(number)) throw GantryException.Of(ErrorKind.Invalid, $"--preserve-fds {wanted}: descriptor {number} is not open: open 3 to {2 + count} for this program");
        }

        return count;
    }

    /// <summary>Hands over the terminal and writes the pid file, last of all: whoever waits for it may then go on.</summary>
    public static void Announce(LaunchedProcess process, ParsedOptions options, bool detached)
    {
        if (process.Terminal is { } terminal && detached && options.Find("--console-socket") is { } console)
        {
            ConsoleSocket.Send(console, terminal);
            terminal.Dispose();
        }

        if (options.Find("--pidfd-socket") is { } socket) SendPidFd(socket, process);
        if (options.Find("--pid-file") is not { Length: > 0 } path) return;
        var temporary = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Path.GetFileName(path)}.new");
        using (var file = Files.Open(temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC, 0x1A4))
            Files.WriteAll(file, Encoding.ASCII.GetBytes(process.Pid.ToString(CultureInfo.InvariantCulture)));
        var result = Files.TryRenameAt(null, temporary, null, path);
        if (result < 0) throw new SyscallException("renameat", -result, path);
    }

    private static int ActivationSockets() =>
        Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
        && int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? Math.Min(count, MostPreserved)
            : 0;

    private static void SendPidFd(string path, LaunchedProcess process)
    {
        using var socket = Sockets.Connect(path);
        if (Sockets.TrySend(socket, "pidfd"u8, process.PidFd) < 0) throw GantryException.Of(ErrorKind.Unavailable, $"pidfd socket {path} did not take the descriptor");
    }

    private static int Run(RuntimeContext context, ParsedOptions options)
    {
        var factory = new ContainerFactory(context.Root, context.Seccomp, context.Time);
        var (container, init) = factory.Create(options.Id, Bundle(options), outlive: true, r => Shape(r, options, detached: true));
        using (init)
        {
            try
            {
                Announce(init, options, detached: true);
            }
            catch
            {
                container.Delete(force: true);
                throw;
            }
        }

        return 0;
    }
}
