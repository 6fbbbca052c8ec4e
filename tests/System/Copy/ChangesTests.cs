using System.Formats.Tar;
using Gantry.Engine.Commit;
using Gantry.Engine.Containers;
using Gantry.Engine.Copy;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Tests.System.Engine;
using Xunit;

namespace Gantry.Tests.System.Copy;

/// <summary>What a container changed: listed, exported, and made into an image.</summary>
public sealed class ChangesTests : IAsyncLifetime
{
    // Every kind of change: new, changed, deleted, a directory replaced by another, one by a file.
    private const string Script = "echo more >> /etc/passwd; rm /etc/group; mkdir -p /new/deep; echo x > /new/deep/f; ln /new/deep/f /new/hard; rm -r /data; mkdir /data; echo y > /data/fresh; rmdir /tmp; echo z > /tmp; echo done; while :; do sleep 1; done";

    private EngineHost _host = null!;

    private CancellationToken Token => _host.Token;

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task AreListedInDockersOrder()
    {
        var id = await _host.CreateAsync(Script);
        await _host.StartAndWaitForAsync(id, "done");
        string[] expected =
        [
            "0 /data", "1 /data/fresh", "2 /data/seed",
            "0 /etc", "2 /etc/group", "0 /etc/passwd",
            "1 /new", "1 /new/deep", "1 /new/deep/f", "1 /new/hard",
            "0 /tmp",
        ];
        Assert.Equal(expected, (await _host.Engine.Files.ChangesAsync(id, Token)).Select(c => $"{c.Kind} {c.Path}"));
        var untouched = await _host.CreateAsync("true");
        Assert.Empty(await _host.Engine.Files.ChangesAsync(untouched, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AreExportedWithoutVolumes(bool running)
    {
        var id = await _host.CreateAsync(Script, spec => spec with { HostConfig = spec.HostConfig! with { Binds = ["kept:/vol"] } });
        await _host.StartAndWaitForAsync(id, "done");
        await File.WriteAllTextAsync(Path.Combine(_host.DataRoot, "volumes/kept/_data/secret"), "not exported", Token);
        if (!running)
            await _host.Engine.Containers.StopAsync(id, new StopRequest(), Token);
        using var archive = await _host.Engine.Files.ExportAsync(id, Token);
        using var bytes = new MemoryStream();
        await archive.WriteAsync(bytes, Token);
        bytes.Position = 0;
        var entries = new Dictionary<string, TarEntry>();
        using (var reader = new TarReader(bytes))
        {
            while (await reader.GetNextEntryAsync(copyData: true, Token) is { } entry)
                entries.Add(entry.Name, entry);
        }

        Assert.Contains("bin/busybox", entries.Keys);
        Assert.Contains(".dockerenv", entries.Keys);
        Assert.Contains("data/fresh", entries.Keys);
        Assert.Contains("vol/", entries.Keys);
        Assert.DoesNotContain(entries.Keys, name => name.StartsWith("vol/s", StringComparison.Ordinal) || name.StartsWith("proc/1", StringComparison.Ordinal) || name is "data/seed" or "etc/group");
        Assert.Equal(TarEntryType.RegularFile, entries["tmp"].EntryType);
        Assert.Equal(("new/deep/f", TarEntryType.HardLink), (entries["new/hard"].LinkName, entries["new/hard"].EntryType));
    }

    [Fact]
    public async Task BecomeAnImage()
    {
        var id = await _host.CreateAsync(Script);
        await _host.StartAndWaitForAsync(id, "done");
        var made = await _host.Engine.Commits.RunAsync(
            new ContainerCommitSpec
            {
                Container = id,
                Reference = ImageReference.Parse("mine:1"),
                Author = "somebody",
                Comment = "changed",
                Changes = ["CMD [\"sh\", \"-c\", \"cat /etc/passwd /data/* /tmp; test -e /etc/group || echo gone; stat -c %h /new/hard\"]", "ENV A=b", "LABEL l=m", "EXPOSE 80", "USER 0", "WORKDIR /new", "VOLUME /v", "STOPSIGNAL SIGINT", "HEALTHCHECK CMD true", "ENTRYPOINT []"],
            },
            Token);
        Assert.Equal("running", (await _host.Engine.Containers.InspectAsync(id, false, Token)).State!.Status);
        var inspect = await _host.Engine.Images.InspectAsync("mine:1", Token);
        Assert.Equal((made.ToString(), "somebody", "changed", "/new", "SIGINT"), (inspect.Id, inspect.Author, inspect.Comment, inspect.Config!.WorkingDir, inspect.Config.StopSignal));
        Assert.Contains("A=b", inspect.Config.Env!);
        Assert.Contains("FROM_IMAGE=yes", inspect.Config.Env!);
        Assert.Equal(2, inspect.RootFS!.Layers!.Count);
        var history = await _host.Engine.Images.HistoryAsync("mine:1", Token);
        Assert.StartsWith("sh -c echo more", history[0].CreatedBy, StringComparison.Ordinal);
        Assert.Equal("changed", history[0].Comment);

        await _host.Engine.Containers.RemoveAsync(id, new RemoveRequest(Force: true), Token);
        var second = (await _host.Engine.Containers.CreateAsync(new ContainerCreateSpec { Config = new ContainerConfig { Image = "mine:1" }, HostConfig = new HostConfig { NetworkMode = "none" } }, Token)).Id!;
        Assert.Equal(0, await _host.RunAsync(second));
        Assert.EndsWith("more\ny\nz\ngone\n2\n", await _host.LogsAsync(second), StringComparison.Ordinal);
        Assert.DoesNotContain("from the image", await _host.LogsAsync(second), StringComparison.Ordinal);
    }

    /// <summary>fsconfig(2) takes no option longer than 255 bytes, and an overlay names all of its layers in one.</summary>
    [Fact]
    public async Task AnImageOfManyLayersIsLookedIntoAsAnyOther()
    {
        const int Layers = 40;
        for (var i = 0; i < Layers; i++)
        {
            var container = await _host.CreateAsync("true", spec => i == 0 ? spec : spec with { Config = spec.Config with { Image = "deep" } });
            await _host.Engine.Files.ExtractAsync(container, new ExtractSpec { Path = "/etc" }, CopyTests.Tar(($"layer{i}", "x")), Token);
            await _host.Engine.Commits.RunAsync(new ContainerCommitSpec { Container = container, Reference = ImageReference.Parse("deep") }, Token);
            await _host.Engine.Containers.RemoveAsync(container, new RemoveRequest(), Token);
        }

        Assert.Equal(Layers + 1, (await _host.Engine.Images.InspectAsync("deep", Token)).RootFS!.Layers!.Count);
        // Its user is looked up in the image, its content goes into the volume.
        var id = await _host.CreateAsync("id -u; cat /data/seed", spec => spec with { Config = spec.Config with { Image = "deep", User = "web" }, HostConfig = spec.HostConfig! with { Binds = ["kept:/data"] } });
        Assert.Equal("layer0", (await _host.Engine.Files.StatusAsync(id, "/etc/layer0", Token)).Name);
        await _host.RunAsync(id);
        Assert.StartsWith("1000\nfrom the image\n", await _host.LogsAsync(id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NothingChangedIsNoLayer()
    {
        var id = await _host.CreateAsync("true");
        await _host.Engine.Commits.RunAsync(new ContainerCommitSpec { Container = id, Reference = ImageReference.Parse("same") }, Token);
        Assert.Single((await _host.Engine.Images.InspectAsync("same", Token)).RootFS!.Layers!);
        var refused = await Assert.ThrowsAsync<GantryException>(() => _host.Engine.Commits.RunAsync(new ContainerCommitSpec { Container = id, Changes = ["RUN x"] }, Token));
        Assert.Equal((ErrorKind.Invalid, "RUN is not a valid change command"), (refused.Kind, refused.Message));
    }
}
