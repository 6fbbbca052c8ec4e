using Gantry.Model;
using Gantry.Store;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Store;

public sealed class SnapshotTests : IDisposable
{
    private readonly StoreFixture _store = new();
    private readonly Lease _lease;

    public SnapshotTests() => _lease = _store.Content.Leases.Open();

    public void Dispose()
    {
        _lease.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task NoUserOfTheHostRunsASetIdFileOfALayer()
    {
        var stack = await _store.StackAsync(_lease, new TarBuilder().Directory("./", mode: 0x1ED).File("rooted", "#!/bin/sh\n", mode: 0x9ED).Build());
        _store.Content.Snapshots.Prepare("web", [.. stack.Select(l => l.DiffId)]);
        var found = await Command.RunAsync("find", [_store.Root, "-perm", "-4000"]);
        var path = Assert.Single(found.Succeeded().Text.Split('\n'));
        foreach (var directory in (string[])["layers", "snapshots"])
            Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(Path.Combine(_store.Root, directory)));
        File.SetUnixFileMode(_store.Root, (UnixFileMode)0x1C9); // as the engine has its data root
        Assert.NotEqual(0, (await Command.RunAsync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "cat", path])).ExitCode);
    }

    [Fact]
    public async Task MountsLayersBelowAWritableOne()
    {
        var empty = new TarBuilder().Build();
        var stack = await _store.StackAsync(
            _lease,
            new TarBuilder().Directory("./", mode: 0x1C9).Directory("etc", mode: 0x1C0, uid: 3).File("etc/hosts", "from the image").File("old", "").Directory("dev", mode: 0x1FF).Build(),
            empty,
            new TarBuilder().File(".wh.old", "").File("new", "1").Build(),
            empty);
        var snapshot = _store.Content.Snapshots.Prepare("web", [.. stack.Select(l => l.DiffId)], ephemeral: true);
        var mount = Assert.Single(snapshot.RootfsMounts);
        var target = Path.Combine(_store.Root, "mnt");
        Directory.CreateDirectory(target);
        var script = $"cd {mount.WorkingDirectory} && mount -t overlay overlay -o {string.Join(',', mount.Options)} {target} && cd {target} && stat -c '%a' . && ls -A && stat -c '%a %u' etc && stat -c '%a %s' etc/hosts && stat -c '%a' dev && readlink etc/mtab && echo changed > etc/motd";
        var result = await Command.RunAsync("unshare", ["-m", "--propagation", "private", "bash", "-c", script]);
        result.Succeeded();
        Assert.Equal(["711", ".dockerenv", "dev", "etc", "new", "proc", "sys", "700 3", "755 0", "777", "/proc/mounts"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(8, _store.Content.Snapshots.SizeOf("web"));
        // Volatile and used: it can be mounted again all the same.
        Assert.NotNull(_store.Content.Snapshots.Find("web"));
        (await Command.RunAsync("unshare", ["-m", "--propagation", "private", "bash", "-c", script])).Succeeded();
        Assert.True(_store.Content.Snapshots.Remove("web"));
        Assert.Null(_store.Content.Snapshots.Find("web"));
        _store.Content.Snapshots.Drain();
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_store.Root, "snapshots")));
    }

    [Fact]
    public async Task AKeyIsTakenOnceAndSurvivesARestart()
    {
        var stack = await _store.StackAsync(_lease, new TarBuilder().File("f", "").Build());
        Digest[] diffIds = [stack[0].DiffId];
        var first = _store.Content.Snapshots.Prepare("a", diffIds);
        Assert.Equal(ErrorKind.AlreadyExists, Assert.Throws<GantryException>(() => _store.Content.Snapshots.Prepare("a", diffIds)).Kind);
        Directory.CreateDirectory(Path.Combine(_store.Root, "snapshots", "nobodys"));
        _store.Reopen();
        // The layer has no image any more, but the snapshot needs it.
        Assert.Equal(first.RootfsMounts[0].Options, _store.Content.Snapshots.Find("a")!.RootfsMounts[0].Options);
        Assert.True(Directory.Exists(_store.Content.Layers.PathOf(stack[0])));
        Assert.False(Directory.Exists(Path.Combine(_store.Root, "snapshots", "nobodys")));
        _store.Content.Snapshots.Remove("a");
        _store.Content.Collector.Collect();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_store.Content.Layers.Root));
    }

    [Fact]
    public void AnEmptyRootNeedsNoLayers()
    {
        Assert.Single(_store.Content.Snapshots.Prepare("scratch", []).RootfsMounts);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<GantryException>(() => _store.Content.Snapshots.Prepare("x", [Digest.OfSha256(new byte[32])])).Kind);
        Assert.Equal(["scratch"], _store.Content.Snapshots.Keys());
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData(".x")]
    [InlineData("a,b")]
    public void RefusesKeysThatAreNoNames(string key) => Assert.Throws<GantryException>(() => _store.Content.Snapshots.Prepare(key, []));
}
