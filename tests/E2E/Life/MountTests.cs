using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Life;

/// <summary>Parts of volumes, and images, mounted into containers by Docker's own client.</summary>
[Collection(LifeCollection.Name)]
public sealed class MountTests(HubFixture hub)
{
    private EngineFixture Engine => hub.Engine;

    [Fact]
    public async Task APartOfAVolumeIsAllThatIsSeen()
    {
        (await Engine.DockerAsync("run", "--rm", "-v", "whole:/v", "busybox", "sh", "-c", "mkdir -p /v/a/b && echo part > /v/a/b/f && echo other > /v/g && ln -s /etc /v/out && echo file > /v/single")).Succeeded();
        Assert.Equal("f\npart", (await RunAsync("type=volume,source=whole,target=/p,volume-subpath=a/b", "ls /p; cat /p/f")).Succeeded().Text);
        Assert.Equal("file", (await RunAsync("type=volume,source=whole,target=/one,volume-subpath=single", "cat /one")).Succeeded().Text);
        (await RunAsync("type=volume,source=whole,target=/p,volume-subpath=a/b", "echo more > /p/h")).Succeeded();
        Assert.Equal("more", (await Engine.DockerAsync("run", "--rm", "-v", "whole:/v", "busybox", "cat", "/v/a/b/h")).Succeeded().Text);
        Assert.Contains("Read-only", (await RunAsync("type=volume,source=whole,target=/p,volume-subpath=a/b,readonly", "echo x > /p/i")).Exited(1).Error, StringComparison.Ordinal);

        // A stopped one shows the same to cp.
        (await Engine.DockerAsync("create", "--name", "parted", "--mount", "type=volume,source=whole,target=/p,volume-subpath=a/b", "busybox")).Succeeded();
        Assert.Contains("part", (await Engine.GantryAsync("cp", "parted:/p/f", "-")).Succeeded().Output, StringComparison.Ordinal);
        (await Engine.DockerAsync("rm", "parted")).Succeeded();
    }

    [Theory]
    [InlineData("missing", "no such file or directory")]
    [InlineData("out/passwd", "no such file or directory")] // the link leads to the volume's own /etc, which is not there
    public async Task APartThatIsNotInTheVolumeIsRefused(string part, string reason)
    {
        (await Engine.DockerAsync("run", "--rm", "-v", "hostile:/v", "busybox", "ln", "-sfn", "/etc", "/v/out")).Succeeded();
        var refused = (await RunAsync($"type=volume,source=hostile,target=/p,volume-subpath={part}", "cat /p")).Exited(127);
        Assert.Contains(reason, refused.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(part, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnImageIsMountedReadOnly()
    {
        (await Engine.DockerAsync("pull", "debian:bookworm-slim")).Succeeded();
        Assert.Equal("root:x:0:0", (await RunAsync("type=image,source=debian:bookworm-slim,target=/img", "head -c 10 /img/etc/passwd")).Succeeded().Text);
        Assert.Equal("passwd", (await RunAsync("type=image,source=debian:bookworm-slim,target=/img,image-subpath=etc", "cd /img; ls passwd")).Succeeded().Text);
        Assert.Contains("Read-only", (await RunAsync("type=image,source=debian:bookworm-slim,target=/img", "touch /img/x")).Exited(1).Error, StringComparison.Ordinal);

        // Several layers are one tree; what is mounted and runs cannot be removed.
        (await Engine.DockerAsync("run", "--name", "changed", "busybox", "sh", "-c", "echo new > /new; rm /bin/wget")).Succeeded();
        var id = (await Engine.DockerAsync("commit", "changed", "layered")).Succeeded().Text;
        Assert.Equal("new\ngone", (await RunAsync("type=image,source=layered,target=/img", "cat /img/new; test -e /img/bin/wget || echo gone")).Succeeded().Text);
        (await Engine.DockerAsync("run", "-d", "--name", "user", "--mount", "type=image,source=layered,target=/img", "busybox", "sleep", "1000")).Succeeded();
        Assert.Contains("conflict", (await Engine.DockerAsync("rmi", "-f", id)).Exited(1).Error, StringComparison.Ordinal);
        Assert.Equal("image layered /img false", (await Engine.DockerAsync("inspect", "--format", "{{range .Mounts}}{{.Type}} {{.Source}} {{.Destination}} {{.RW}}{{end}}", "user")).Succeeded().Text);
        (await Engine.DockerAsync("rm", "-f", "user", "changed")).Succeeded();
        (await Engine.DockerAsync("create", "--name", "later", "--mount", "type=image,source=layered,target=/img", "busybox", "true")).Succeeded();
        (await Engine.DockerAsync("rmi", "-f", id)).Succeeded();
        Assert.Contains("is gone: pull it again", (await Engine.DockerAsync("start", "later")).Exited(1).Error, StringComparison.Ordinal);
        (await Engine.DockerAsync("rm", "later")).Succeeded();
        Assert.Contains("No such image: nowhere:latest: pull it first", (await RunAsync("type=image,source=nowhere,target=/img", "true")).Exited(125).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherRuntimeMountsThemToo()
    {
        (await Engine.DockerAsync("run", "--rm", "-v", "shared:/v", "busybox", "sh", "-c", "mkdir -p /v/a && echo part > /v/a/f")).Succeeded();
        (await Engine.DockerAsync("pull", "debian:bookworm-slim")).Succeeded();
        var both = await Engine.DockerAsync("run", "--rm", "--runtime", "runc", "--mount", "type=volume,source=shared,target=/p,volume-subpath=a", "--mount", "type=image,source=debian:bookworm-slim,target=/img,image-subpath=etc", "busybox", "sh", "-c", "cat /p/f; ls /img/passwd");
        Assert.Equal("part\n/img/passwd", both.Succeeded().Text);
    }

    private Task<CommandResult> RunAsync(string mount, string script) => Engine.DockerAsync("run", "--rm", "--mount", mount, "busybox", "sh", "-c", script);
}
