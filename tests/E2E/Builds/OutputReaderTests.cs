using System.Text.Json;
using Gantry.Tests.E2E.Oracle;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Builds;

/// <summary>What builds push and write is read by others: Docker's engine and podman.</summary>
public sealed class OutputReaderTests(HubFixture hub) : IClassFixture<HubFixture>, IAsyncLifetime
{
    private static readonly (string Name, string Content) s_dockerfile = ("Dockerfile", """
        FROM --platform=$BUILDPLATFORM busybox AS b
        ARG TARGETARCH
        RUN echo $TARGETARCH > /for && mkdir /d && ln /for /d/hard && chmod 600 /d/hard
        FROM scratch
        COPY --from=b / /
        CMD ["cat", "/for"]
        """);

    private readonly string _root = Directory.CreateTempSubdirectory("outputs-").FullName;
    private readonly Project _project = new(s_dockerfile);
    private Dockerd _dockerd = null!;

    public async ValueTask InitializeAsync() => _dockerd = await Dockerd.StartAsync("10.211.0.1/24");

    public async ValueTask DisposeAsync()
    {
        await PodmanAsync("rmi", "-af");
        await _dockerd.DisposeAsync();
        _project.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",compression=zstd")]
    [InlineData(",oci-mediatypes=true")]
    public async Task AnIndexIsPulled(string attributes)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_root, "registry")).FullName;
        await using var here = await RegistryFixture.StartAtAsync(directory);
        await BuildAsync("-o", $"type=registry,name=127.0.0.1:{here.Port}/many:1{attributes}", "--platform", "linux/amd64,linux/arm64", "--provenance", "true");
        var raw = JsonDocument.Parse((await Command.RunAsync("skopeo", ["inspect", "--tls-verify=false", "--raw", $"docker://127.0.0.1:{here.Port}/many:1"])).Succeeded().Output).RootElement;
        Assert.Equal("application/vnd.oci.image.index.v1+json", raw.GetProperty("mediaType").GetString());

        await using var there = await RegistryFixture.StartAtAsync(directory, _dockerd.Pid);
        var name = $"127.0.0.1:{there.Port}/many:1";
        await DockerAsync("pull", "-q", name);
        Assert.Equal("amd64\n", (await DockerAsync("run", "--rm", "--network", "none", name)).Output);
        await DockerAsync("pull", "-q", "--platform", "linux/arm64", name);
        Assert.Equal("arm64", (await DockerAsync("image", "inspect", "--format", "{{.Architecture}}", name)).Text);

        name = $"127.0.0.1:{here.Port}/many:1";
        foreach (var architecture in (string[])["amd64", "arm64"])
        {
            (await PodmanAsync("pull", "-q", "--tls-verify=false", "--arch", architecture, name)).Succeeded();
            Assert.Equal(architecture, (await PodmanAsync("image", "inspect", "--format", "{{.Architecture}}", name)).Succeeded().Text);
        }
    }

    [Fact]
    public async Task ArchivesAreLoaded()
    {
        var archive = Path.Combine(_root, "archive.tar");
        await BuildAsync("-t", "loaded:1", "-t", "loaded:2", "-o", $"type=docker,dest={archive}");
        await DockerAsync("load", "-q", "-i", archive);
        Assert.Equal("amd64\n", (await DockerAsync("run", "--rm", "--network", "none", "loaded:1")).Output);
        (await PodmanAsync("load", "-q", "-i", archive)).Succeeded();
        Assert.Equal((await DockerAsync("image", "inspect", "--format", "{{.Id}}", "loaded:2")).Text, "sha256:" + (await PodmanAsync("image", "inspect", "--format", "{{.Id}}", "loaded:2")).Succeeded().Text);

        // With layers that only OCI's archives may have, for several platforms, and what is said of them beside.
        await BuildAsync("-t", "written:1", "-o", $"type=oci,dest={archive},compression=zstd", "--platform", "linux/amd64,linux/arm64", "--provenance", "true", "--sbom", "true");
        var loaded = (await PodmanAsync("load", "-q", "-i", archive)).Succeeded().Text;
        Assert.Equal("amd64", (await PodmanAsync("image", "inspect", "--format", "{{.Architecture}}", loaded.Split(": ")[^1])).Succeeded().Text);
        Assert.Contains("arm64", (await Command.RunAsync("skopeo", ["--override-arch", "arm64", "inspect", "--config", $"oci-archive:{archive}"])).Succeeded().Text, StringComparison.Ordinal);
    }

    private async Task BuildAsync(params string[] arguments) => (await hub.Engine.GantryAsync(["build", .. arguments, _project.Folder])).Succeeded();

    private async Task<CommandResult> DockerAsync(params string[] arguments) => (await Command.RunAsync("docker", ["-H", $"unix://{_dockerd.Socket}", .. arguments])).Succeeded();

    private Task<CommandResult> PodmanAsync(params string[] arguments) => Command.RunAsync(
        "podman",
        ["--root", $"{_root}/podman", "--runroot", $"{_root}/podman-run", "--storage-driver", "vfs", "--events-backend", "file", .. arguments]);
}
