using System.Buffers;
using System.Text.Json;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model.Oci;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Runtime.CommandLine;

/// <summary>
/// A runtime by its command line, with a root and a bundle of its own: ours, or Debian's runc. What is runc's behaviour is
/// tested on both, as a test that fails on runc is wrong.
/// </summary>
public sealed class OciRuntime : IAsyncDisposable
{
    public const string Ours = "gantry-runtime";
    private readonly string _program;
    private readonly Bundle _bundle = new();
    private int _calls;

    private OciRuntime(string program)
    {
        _program = program;
        CgroupPath = "/" + global::System.IO.Path.GetFileName(_bundle.Path);
    }

    /// <summary>For theories whose expectations hold for every runtime.</summary>
    public static TheoryData<string> All => [Ours, "runc"];

    /// <summary>The bundle's directory; also holds the root and what the tests write.</summary>
    public string Path => _bundle.Path;

    public string Rootfs => _bundle.Rootfs;

    public string Root => Path + "/state";

    /// <summary>The containers' cgroup.</summary>
    public string CgroupPath { get; }

    /// <summary>Takes a runtime by its name.</summary>
    public static OciRuntime Of(string name) => new(name == Ours ? Repository.Program(Ours) : name);

    /// <summary>Writes the config of the containers to come: a shell script in a busybox root.</summary>
    public void Configure(string script, Func<RuntimeConfig, RuntimeConfig>? change = null)
    {
        var config = Bundle.Shell(script);
        config = config with { Linux = config.Linux! with { CgroupsPath = CgroupPath } };
        var output = new ArrayBufferWriter<byte>();
        RuntimeConfigWriter.Write(output, change?.Invoke(config) ?? config);
        File.WriteAllBytes(Path + "/config.json", output.WrittenSpan);
    }

    /// <summary>Runs a command to its end in the bundle's directory. Its streams are files: a container that stays behind keeps no reader waiting.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => RunAfterAsync(":", arguments);

    /// <summary>The same after a shell's preparation, such as opening descriptors.</summary>
    public Task<CommandResult> RunAfterAsync(string preparation, params string[] arguments) => RunByAsync([], preparation, arguments);

    /// <summary>The same in a mount namespace of its own, whose mounts the preparation may change.</summary>
    public Task<CommandResult> RunApartAsync(string preparation, params string[] arguments) => RunByAsync(["unshare", "--mount", "--propagation", "private"], preparation, arguments);

    /// <summary>Creates and starts a container.</summary>
    public async Task StartAsync(string id, string script, Func<RuntimeConfig, RuntimeConfig>? change = null)
    {
        Configure(script, change);
        (await RunAsync("create", id)).Succeeded();
        (await RunAsync("start", id)).Succeeded();
    }

    /// <summary>What a container has written to its standard output so far.</summary>
    public string Log(string id) => File.ReadAllText(LogPath(id));

    /// <summary>Waits until a container's standard output is as given.</summary>
    public Task LogIsAsync(string id, string expected) => Eventually.HoldsAsync($"{id} writes \"{expected}\", not \"{Log(id)}\"", () => Task.FromResult(Log(id) == expected));

    /// <summary>A container's state.</summary>
    public async Task<JsonElement> StateAsync(string id) => JsonDocument.Parse((await RunAsync("state", id)).Succeeded().Output).RootElement;

    public async Task<string> StatusAsync(string id) => (await StateAsync(id)).GetProperty("status").GetString()!;

    /// <summary>Waits until a container has stopped.</summary>
    public Task StoppedAsync(string id) => Eventually.HoldsAsync($"{id} stops", async () => await StatusAsync(id) == "stopped");

    /// <summary>A file of the containers' cgroup (version 1).</summary>
    public string CgroupFile(string controller, string file) => File.ReadAllText($"/sys/fs/cgroup/{controller}{CgroupPath}/{file}").Trim();

    /// <summary>Takes one descriptor that a runtime sends to a socket (a console, a pidfd), while a command runs.</summary>
    public static async Task<Fd> ReceiveAsync(string socket, Func<Task> meanwhile)
    {
        using var listener = Sockets.Listen(socket);
        await meanwhile();
        using var connection = await Eventually.GetAsync($"somebody connects to {socket}", () => Task.FromResult(Sockets.TryAccept(listener)));
        var received = new List<Fd>();
        await Eventually.HoldsAsync("a descriptor comes", () => Task.FromResult(Sockets.TryReceive(connection, new byte[4096], received) >= 0));
        return Assert.Single(received);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var id in Directory.Exists(Root) ? Directory.GetDirectories(Root).Select(directory => global::System.IO.Path.GetFileName(directory)!).Where(id => id[0] != '.') : [])
        {
            await RunAsync("resume", id);
            (await RunAsync("delete", "--force", id)).Succeeded();
        }

        _bundle.Dispose();
    }

    private async Task<CommandResult> RunByAsync(string[] wrapper, string preparation, string[] arguments)
    {
        var call = $"{Path}/call-{++_calls}";
        var own = arguments is ["create" or "run", ..] ? LogPath(arguments[^1]) : call + ".out";
        string[] words = [.. wrapper, "sh", "-c", $"cd {Path}; {preparation}; exec \"$@\" </dev/null >{own} 2>{call}.err", "sh", _program, "--root", Root, .. arguments];
        var result = await Command.RunAsync(words[0], words[1..]);
        return result with { Command = string.Join(' ', arguments), Output = await File.ReadAllTextAsync(own), Error = result.Error + await File.ReadAllTextAsync(call + ".err") };
    }

    private string LogPath(string id) => $"{Path}/{id.Replace('/', '_')}.log";
}
