using Gantry.Engine.Commit;
using Gantry.Engine.Containers;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.System.Engine;

/// <summary>What things take on disk, and removing what nobody uses.</summary>
public sealed class PruneTests : IAsyncLifetime
{
    private EngineHost _host = null!;

    private CancellationToken Token => _host.Token;

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task ContainersThatDoNotRunGo()
    {
        var runs = await _host.CreateAsync("echo up; while :; do sleep 1; done");
        await _host.StartAndWaitForAsync(runs, "up");
        var ended = await _host.CreateAsync("echo 0123456789 > /f");
        await _host.RunAsync(ended);
        var spared = await _host.CreateAsync("true", spec => spec with { Config = spec.Config with { Labels = new Dictionary<string, string> { ["keep"] = "yes" } } });

        var none = await _host.Engine.Pruning.ContainersAsync(Filters.Of(("until", "1h")), Token);
        Assert.Equal((null, 0L), (none.ContainersDeleted, none.SpaceReclaimed));
        var pruned = await _host.Engine.Pruning.ContainersAsync(Filters.Of(("label!", "keep")), Token);
        Assert.Equal([ended], pruned.ContainersDeleted!);
        Assert.Equal(11, pruned.SpaceReclaimed);
        Assert.Equal([spared], (await _host.Engine.Pruning.ContainersAsync(Filters.Of(("label", "keep=yes")), Token)).ContainersDeleted!);
        Assert.Equal(runs, Assert.Single(await _host.Engine.Containers.ListAsync(new ContainerListQuery { All = true }, Token)).Id);
        Assert.Equal("invalid filter 'name'", (await Assert.ThrowsAsync<GantryException>(() => _host.Engine.Pruning.ContainersAsync(Filters.Of(("name", "x")), Token))).Message);
    }

    [Fact]
    public async Task ImagesWithoutANameGoAndWithAllThoseWithoutAContainer()
    {
        var id = await _host.CreateAsync("echo changed > /f");
        await _host.RunAsync(id);
        var nameless = (await CommitAsync(id, null)).ToString();
        var named = (await CommitAsync(id, "named:1")).ToString();
        var usage = (await _host.Engine.Usage.MeasureAsync(["image"], Token)).ImageUsage!;
        Assert.Equal((3, 1), (usage.TotalCount, usage.ActiveCount));
        // Both images have the layer; it is measured once.
        Assert.Equal(8, usage.Reclaimable);
        Assert.Equal(usage.TotalSize, usage.Items!.Single(i => i.RepoTags!.Contains(EngineHost.Image)).Size + 8);

        var dangling = await _host.Engine.Pruning.ImagesAsync(Filters.None, Token);
        Assert.Equal([nameless], dangling.ImagesDeleted!.Where(i => i.Deleted is not null).Select(i => i.Deleted!));
        Assert.Equal(0, dangling.SpaceReclaimed);
        var all = await _host.Engine.Pruning.ImagesAsync(Filters.Of(("dangling", "false")), Token);
        Assert.Equal(["named:1"], all.ImagesDeleted!.Where(i => i.Untagged is not null).Select(i => i.Untagged!));
        Assert.Contains(all.ImagesDeleted!, i => i.Deleted == named);
        Assert.Equal(8, all.SpaceReclaimed);
        Assert.Equal([EngineHost.Image], Assert.Single(await _host.Engine.Images.ListAsync(new(), Token)).RepoTags!);
    }

    [Fact]
    public async Task VolumesWithoutAContainerGo()
    {
        var user = await _host.CreateAsync("true", spec => spec with { HostConfig = spec.HostConfig! with { Binds = ["used:/a"] } });
        await _host.Engine.Volumes.CreateAsync(new VolumeCreateRequest { Name = "named" }, Token);
        var anonymous = (await _host.Engine.Volumes.CreateAsync(new VolumeCreateRequest(), Token)).Name!;
        await File.WriteAllTextAsync(Path.Combine(_host.DataRoot, "volumes", anonymous, "_data/f"), new string('x', 10_000), Token);

        var usage = (await _host.Engine.Usage.MeasureAsync([], Token)).VolumeUsage!;
        Assert.Equal((3, 1), (usage.TotalCount, usage.ActiveCount));
        Assert.InRange(usage.Reclaimable!.Value, 10_000, 30_000);
        var pruned = await _host.Engine.Pruning.VolumesAsync(Filters.None, Token);
        Assert.Equal([anonymous], pruned.VolumesDeleted!);
        Assert.InRange(pruned.SpaceReclaimed!.Value, 10_000, 20_000);
        Assert.Equal(["named"], (await _host.Engine.Pruning.VolumesAsync(Filters.Of(("all", "true")), Token)).VolumesDeleted!);
        await _host.Engine.Containers.RemoveAsync(user, new RemoveRequest(), Token);
        Assert.Equal(["used"], (await _host.Engine.Pruning.VolumesAsync(Filters.Of(("all", "true")), Token)).VolumesDeleted!);
        Assert.Equal("unknown object type: moon", (await Assert.ThrowsAsync<GantryException>(() => _host.Engine.Usage.MeasureAsync(["moon"], Token))).Message);
    }

    private Task<Digest> CommitAsync(string container, string? name) =>
        _host.Engine.Commits.RunAsync(new ContainerCommitSpec { Container = container, Reference = name is null ? null : ImageReference.Parse(name), Comment = name ?? "nameless" }, Token);
}
