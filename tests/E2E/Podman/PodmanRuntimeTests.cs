using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Podman;

/// <summary>Another engine with our runtime in place of its own.</summary>
public sealed class PodmanRuntimeTests
{
    [Fact]
    public async Task PodmanRunsContainersWithGantryRuntime()
    {
        var root = Directory.CreateTempSubdirectory("gantry-podman-").FullName;
        try
        {
            var configuration = Path.Combine(root, "containers.conf");
            await File.WriteAllTextAsync(configuration, "[containers]\ndefault_ulimits = [\"nofile=1024:1024\",\"nproc=4096:4096\"]\n");
            var images = (await Command.RunAsync("bash", ["-c", "ls -d ${GANTRY_TEST_CACHE:-/var/cache/gantry-tests}/images/busybox-*/index.json"])).Succeeded();
            var layout = Path.GetDirectoryName(images.Text)!;
            Task<CommandResult> Podman(params string[] arguments) => Command.RunAsync(
                "podman",
                ["--root", $"{root}/root", "--runroot", $"{root}/run", "--runtime", Repository.Program("gantry-runtime"), "--cgroup-manager", "cgroupfs", "--storage-driver", "vfs", "--events-backend", "file", .. arguments],
                environment: new Dictionary<string, string?> { ["CONTAINERS_CONF"] = configuration });
            (await Podman("pull", "-q", $"oci:{layout}:latest")).Succeeded();
            var image = (await Podman("images", "-q")).Succeeded().Text;

            var result = (await Podman("run", "--rm", "--network", "none", image, "sh", "-c", "echo hello from $(cat /proc/1/comm); exit 5")).Exited(5);
            Assert.Equal("hello from sh\n", result.Output);

            (await Podman("run", "-d", "--name", "p", "--network", "none", image, "sleep", "600")).Succeeded();
            Assert.Equal("in", (await Podman("exec", "p", "echo", "in")).Succeeded().Text);
            (await Podman("rm", "-f", "-t", "0", "p")).Succeeded();
        }
        finally
        {
            await Command.RunAsync("podman", ["--root", $"{root}/root", "--runroot", $"{root}/run", "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "rm", "-fa", "-t", "0"]);
            Directory.Delete(root, recursive: true);
        }
    }
}
