using System.Diagnostics;
using Gantry.Tests.Support;

namespace Gantry.Tests.E2E.Containerd;

/// <summary>
/// Debian's containerd with the busybox test image, on roots of its own, in a mount namespace of its own: what its shims keep
/// in /run/containerd, whatever its configuration says, goes with it.
/// </summary>
public sealed class ContainerdFixture : IAsyncDisposable
{
    /// <summary>The image's name in there.</summary>
    public const string Image = "gantry.test/busybox:latest";

    private const string ShimState = "/run/containerd";
    private readonly Process _process;
    private readonly string _root;
    private readonly bool _madeShimState;

    private ContainerdFixture(Process process, string root, bool madeShimState)
    {
        _process = process;
        _root = root;
        _madeShimState = madeShimState;
        CgroupPath = "/" + Path.GetFileName(root);
    }

    /// <summary>A cgroup for the container of a test.</summary>
    public string CgroupPath { get; }

    /// <summary>The engine's process, in whose mount namespace its clients have to be.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Where it listens.</summary>
    public string Address => _root + "/containerd.sock";

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<ContainerdFixture> StartAsync()
    {
        var root = Directory.CreateTempSubdirectory("gantry-containerd-").FullName;
        var configuration = root + "/config.toml";
        await File.WriteAllTextAsync(configuration, $"""
            version = 2
            root = "{root}/root"
            state = "{root}/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
            [grpc]
              address = "{root}/containerd.sock"
            [ttrpc]
              address = "{root}/containerd.ttrpc"
            """);
        var madeShimState = !Directory.Exists(ShimState);
        Directory.CreateDirectory(ShimState);
        var process = Command.Start("unshare", ["--mount", "--propagation", "private", "sh", "-c", $"mount -t tmpfs tmpfs {ShimState} && exec containerd --config {configuration} 2>{root}/log"]);
        process.StandardInput.Close();
        var fixture = new ContainerdFixture(process, root, madeShimState);
        try
        {
            await Eventually.HoldsAsync("containerd answers", async () => (await fixture.CtrAsync("version")).ExitCode == 0);
            var images = (await Command.RunAsync("bash", ["-c", "ls -d ${GANTRY_TEST_CACHE:-/var/cache/gantry-tests}/images/busybox-*/index.json"])).Succeeded();
            (await Command.RunAsync("tar", ["-C", Path.GetDirectoryName(images.Text)!, "-cf", root + "/image.tar", "."])).Succeeded();
            (await fixture.CtrAsync("images", "import", "--index-name", Image, root + "/image.tar")).Succeeded();
            return fixture;
        }
        catch
        {
            await fixture.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs containerd's client.</summary>
    public Task<CommandResult> CtrAsync(params string[] arguments) => Command.RunAsync("nsenter", Words(arguments));

    /// <summary>Starts containerd's client, to be read from while it runs.</summary>
    public Process StartCtr(params string[] arguments) => Command.Start("nsenter", Words(arguments));

    /// <summary>Runs a container with our runtime in runc's place.</summary>
    /// <param name="options">Of <c>ctr run</c>, then the image, the id and the command.</param>
    public Task<CommandResult> RunAsync(params string[] options) =>
        CtrAsync(["run", "--runtime", "io.containerd.runc.v2", "--runc-binary", Repository.Program("gantry-runtime"), "--cgroup", CgroupPath, .. options]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var task in (await CtrAsync("task", "ls", "-q")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            await CtrAsync("task", "rm", "--force", task);
        await Command.RunAsync("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_root, recursive: true);
        if (_madeShimState)
            await Command.RunAsync("rmdir", ["--ignore-fail-on-non-empty", ShimState]); // another containerd may have come
    }

    private string[] Words(string[] arguments) => ["--mount", "--target", $"{_process.Id}", "ctr", "--address", Address, .. arguments];
}
