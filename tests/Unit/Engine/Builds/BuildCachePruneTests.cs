using Gantry.Engine.Builds;
using Gantry.Engine.Operations;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Builds;

public sealed class BuildCachePruneTests
{
    private static readonly DateTimeOffset s_now = new(2024, 1, 2, 0, 0, 0, TimeSpan.Zero);

    // The least recently used first, as the cache lists them.
    private static readonly BuildCacheRecord[] s_records =
    [
        Record("old", "regular", 100, hoursAgo: 10),
        Record("shared", "regular", 0, hoursAgo: 5),
        Record("mount", "exec.cachemount", 0, hoursAgo: 3),
        Record("new", "internal", 50, hoursAgo: 1),
    ];

    private static BuildCacheRecord Record(string name, string kind, long size, int hoursAgo) => new()
    {
        Owner = "build:" + name,
        Description = "RUN " + name,
        Kind = kind,
        Created = s_now.AddHours(-hoursAgo),
        LastUsed = s_now.AddHours(-hoursAgo),
        Uses = 1,
        SizeBytes = size,
    };

    private static string Chosen(BuildCachePrune prune, long free = 0) => string.Join(' ', prune.Choose(s_records, s_now, free).Select(static record => record.Owner["build:".Length..]));

    [Fact]
    public void WhatFreesNothingStaysUnlessAllIsAskedFor()
    {
        Assert.Equal("old mount new", Chosen(new() { Filters = Filters.None }));
        Assert.Equal("old shared mount new", Chosen(new() { All = true, Filters = Filters.None }));
    }

    [Fact]
    public void TheLeastRecentlyUsedGoUntilEnoughIsFree()
    {
        Assert.Equal("old", Chosen(new() { KeepBytes = 60, Filters = Filters.None }));
        Assert.Equal("", Chosen(new() { KeepBytes = 150, Filters = Filters.None }));
        Assert.Equal("old", Chosen(new() { FreeBytes = 1000, Filters = Filters.None }, free: 950));
        Assert.Equal("", Chosen(new() { FreeBytes = 1000, Filters = Filters.None }, free: 1000));
    }

    [Theory]
    [InlineData("until", "4h", "old shared")]
    [InlineData("unused-for", "4h", "old shared")]
    [InlineData("type", "exec.cachemount", "mount")]
    [InlineData("description", "ne", "new")]
    [InlineData("shared", "true", "shared")]
    [InlineData("private", "true", "old mount new")]
    [InlineData("inuse", "true", "")]
    [InlineData("parent", "x", "")]
    public void FiltersChoose(string name, string value, string chosen) => Assert.Equal(chosen, Chosen(new() { All = true, Filters = Filters.Of((name, value)) }));

    [Fact]
    public void IdsAreFoundAndUnknownFiltersRefused()
    {
        var usage = BuildCacheUsage.Measure(s_records);
        Assert.Equal((4L, 150L), (usage.TotalCount, usage.TotalSize));
        Assert.Equal("old", Chosen(new() { Filters = Filters.Of(("id", usage.Items![0].ID![..12])) }));
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => Chosen(new() { Filters = Filters.Of(("color", "red")) })).Kind);
    }
}
