using Gantry.Engine.Builds;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Builds;

public sealed class KeptDirectoriesTests : IDisposable
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private readonly string _root = Directory.CreateTempSubdirectory("gantry-kept-").FullName;
    private readonly KeptDirectories _directories;

    public KeptDirectoriesTests()
    {
        _directories = new(_root, "kind", "a thing", new FixedTime());
        foreach (var name in (string[])["one", "two", ".half"])
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_root, name, "d")).FullName, "file"), name);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void WhatIsUsedStays()
    {
        _directories.Use("one");
        _directories.Use("one");
        Assert.False(_directories.TryTake("one"));
        Assert.True(_directories.TryTake("two"));
        Assert.Empty(_directories.Remove(["one", "two", "three"]));
        Assert.All(_directories.List(), static record => Assert.True(record.IsInUse));
        _directories.Release("one");
        _directories.Release("two");
        var gone = new List<string>();
        Assert.Equal(["two"], _directories.Remove(["one", "two"], gone.Add));
        Assert.Equal(["two"], gone);
        Assert.Equal(["one"], _directories.List().Select(static record => record.Owner));
        Assert.Equal(3, Assert.Single(_directories.List()).SizeBytes);
    }

    [Fact]
    public void OnlyUseCountsAsUse()
    {
        var old = DateTimeOffset.FromUnixTimeSeconds(1_000_000_000);
        foreach (var name in (string[])["one", "two"])
            Directory.SetLastAccessTimeUtc(Path.Combine(_root, name), old.UtcDateTime);
        _directories.Use("one");
        _directories.Release("one");
        for (var look = 0; look < 2; look++)
            Assert.Equal([("one", s_now), ("two", old)], _directories.List().OrderBy(static record => record.Owner, StringComparer.Ordinal).Select(static record => (record.Owner, record.LastUsed)));
        Assert.Equal(["a thing one", "a thing two"], _directories.List().Select(static record => record.Description).Order(StringComparer.Ordinal));
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => s_now;
    }
}
