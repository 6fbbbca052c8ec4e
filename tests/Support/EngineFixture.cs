using System.Diagnostics;
using System.Text;

namespace Gantry.Tests.Support;

/// <summary>
/// A published engine with roots, a bridge and a subnet of its own. Disposing it removes every container, ends the
/// engine and deletes the roots; what the engine logged goes into the message of whatever fails.
/// </summary>
public sealed class EngineFixture : IAsyncDisposable
{
    private static int _count;
    private readonly string[] _options;
    private readonly StringBuilder _log = new();
    private Process? _process;
    private bool _hasOwnAccounts;

    private EngineFixture(string root, string[] options)
    {
        Root = root;
        _options = options.Contains("--bip") ? options : [.. options, "--bip", $"10.213.{20 + (Interlocked.Increment(ref _count) % 200)}.1/24"];
    }

    /// <summary>The folder that holds data root, exec root and socket.</summary>
    public string Root { get; }

    /// <summary>The engine's Unix socket.</summary>
    public string Socket => Path.Combine(Root, "g.sock");

    /// <summary>The engine's address as clients take it.</summary>
    public string Host => "unix://" + Socket;

    /// <summary>The engine's process id.</summary>
    public int Pid => _process!.Id;

    /// <summary>What the engine has logged so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Starts an engine.</summary>
    /// <param name="options">More options for gantryd.</param>
    public static async Task<EngineFixture> StartAsync(params string[] options)
    {
        var root = Directory.CreateTempSubdirectory("gantry-").FullName;
        var engine = new EngineFixture(root, options);
        await engine.StartEngineAsync();
        return engine;
    }

    /// <summary>
    /// Starts an engine whose containers' users are others on the host (<c>--userns-remap default</c>): in a mount namespace of
    /// its own, in which /etc/subuid and /etc/subgid give ids to dockremap. The host's files stay as they are.
    /// </summary>
    /// <param name="range">First id and their count, as in <c>231072:65536</c>.</param>
    /// <param name="options">More options for gantryd.</param>
    public static async Task<EngineFixture> StartRemappedAsync(string range, params string[] options)
    {
        var root = Directory.CreateTempSubdirectory("gantry-").FullName;
        File.SetUnixFileMode(root, (UnixFileMode)0x1C9); // 0711: the containers' root passes through
        foreach (var directory in (string[])["etc", "etc-work"])
            Directory.CreateDirectory(Path.Combine(root, directory));
        foreach (var file in (string[])["subuid", "subgid"])
            await File.WriteAllTextAsync(Path.Combine(root, "etc", file), $"dockremap:{range}\n");
        var engine = new EngineFixture(root, [.. options, "--userns-remap", "default"]) { _hasOwnAccounts = true };
        await engine.StartEngineAsync();
        return engine;
    }

    /// <summary>Runs gantry against this engine.</summary>
    public Task<CommandResult> GantryAsync(params string[] arguments) => GantryWithInputAsync("", arguments);

    /// <summary>Runs gantry against this engine with something to read.</summary>
    public Task<CommandResult> GantryWithInputAsync(string input, params string[] arguments) =>
        Command.RunAsync(Repository.Program("gantry"), ["--host", Host, .. arguments], input);

    /// <summary>Runs Docker's own command line against this engine.</summary>
    public Task<CommandResult> DockerAsync(params string[] arguments) => DockerWithInputAsync("", arguments);

    /// <summary>Runs Docker's own command line against this engine with something to read.</summary>
    public Task<CommandResult> DockerWithInputAsync(string input, params string[] arguments) =>
        Command.RunAsync("docker", ["-H", Host, .. arguments], input);

    /// <summary>Kills the engine as a crash would: SIGKILL, to it alone.</summary>
    public async Task KillEngineAsync()
    {
        _process!.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync();
    }

    /// <summary>Starts the engine (again) on the same roots, and waits until it answers.</summary>
    public async Task StartEngineAsync()
    {
        string[] arguments =
        [
            .. _options.Contains("--data-root") ? Array.Empty<string>() : ["--data-root", Path.Combine(Root, "data")], "--exec-root", Path.Combine(Root, "exec"), "--host", Host, "--pidfile", Path.Combine(Root, "pid"), .. Verbosity, .. _options,
        ];
        const string WithAccounts = "mount -t overlay -o lowerdir=/etc,upperdir=$0/etc,workdir=$0/etc-work overlay /etc && exec \"$@\"";
        _process = _hasOwnAccounts
            ? Command.Start("unshare", ["--mount", "--propagation", "slave", "sh", "-c", WithAccounts, Root, Repository.Program("gantryd"), .. arguments])
            : Command.Start(Repository.Program("gantryd"), arguments);
        _process.StandardInput.Close();
        _process.OutputDataReceived += Append;
        _process.ErrorDataReceived += Append;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.HoldsAsync($"the engine of {Root} answers\n{Log}", async () =>
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"gantryd ended with {_process.ExitCode}\n{Log}");
            return (await Command.RunAsync("curl", ["-sf", "--unix-socket", Socket, "http://gantry/_ping"])).ExitCode == 0;
        });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process!.HasExited)
            await StartEngineAsync();
        var containers = (await GantryAsync("ps", "-aq")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (containers.Length > 0)
            (await GantryAsync(["rm", "-fv", .. containers])).Succeeded();
        await Command.RunAsync("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        _process.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    // At this level calls are logged; a file may set the level itself.
    private string[] Verbosity => OperationLog.Path is null || _options.Contains("--config-file") || _options.Contains("--log-level") ? [] : ["--log-level", "debug"];

    private void Append(object sender, DataReceivedEventArgs line)
    {
        OperationLog.Look(line.Data);
        lock (_log)
            _log.AppendLine(line.Data);
    }
}
