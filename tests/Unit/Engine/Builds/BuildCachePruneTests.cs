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
        Assert.Equal("old mount new", Chosen(new()));
        Assert.Equal("old shared mount new", Chosen(new() { All = true }));
    }

    [Fact]
    public void TheLeastRecentlyUsedGoUntilEnoughIsFree()
    {
        Assert.Equal("old", Chosen(new() { MaxUsedBytes = 60 }));
        Assert.Equal("", Chosen(new() { MaxUsedBytes = 150 }));
        Assert.Equal("old", Chosen(new() { ReservedBytes = 60 }));
        Assert.Equal("old", Chosen(new() { MinFreeBytes = 1000 }, free: 950));
        Assert.Equal("", Chosen(new() { MinFreeBytes = 1000 }, free: 1000));
        // What is reserved stays although the disk is full.
        Assert.Equal("", Chosen(new() { MinFreeBytes = 1000, ReservedBytes = 150 }, free: 0));
        Assert.Equal("old", Chosen(new() { MinFreeBytes = 1000, ReservedBytes = 40, MaxUsedBytes = 120 }, free: 970));
    }

    [Theory]
    [InlineData(0, 0, 0, 10)]
    [InlineData(500, 0, 0, 5)]
    [InlineData(0, 300, 0, 7)]
    [InlineData(500, 700, 0, 3)]
    // 100 bytes are free: 250 are missing at 350, and none at 50.
    [InlineData(0, 0, 350, 3)]
    [InlineData(0, 0, 50, 0)]
    [InlineData(500, 0, 350, 5)]
    [InlineData(900, 800, 600, 2)]
    [InlineData(0, 0, 5000, 10)]
    public void WhatMayStayIsReckonedAsByBuildKit(long mostUsed, long reserved, long leastFree, int chosen)
    {
        var records = Enumerable.Range(0, 10).Select(number => Record($"r{number}", "regular", 100, 20 - number)).ToList();
        Assert.Equal(chosen, new BuildCachePrune { MaxUsedBytes = mostUsed, ReservedBytes = reserved, MinFreeBytes = leastFree }.Choose(records, s_now, freeNow: 100).Count);
    }

    [Fact]
    public void WhatABuildUsesStays()
    {
        BuildCacheRecord[] records = [s_records[0] with { IsInUse = true }, .. s_records[1..]];
        Assert.Equal("mount new", string.Join(' ', new BuildCachePrune().Choose(records, s_now, 0).Select(static r => r.Owner["build:".Length..])));
        Assert.Equal((1L, 150L, 50L), BuildCacheUsage.Measure(records) is var usage ? (usage.ActiveCount!.Value, usage.TotalSize!.Value, usage.Reclaimable!.Value) : default);
    }

    [Fact]
    public void TheRulesAreDockerdsUnlessOthersAreGiven()
    {
        var rules = new CacheLimits().For(1L << 40);
        Assert.Equal([false, false, false, true], rules.Select(static r => r.All));
        // 10, 80 and 20 % of 1 TiB, in rounded gigabytes.
        Assert.Equal((103_000_000_000L, 820_000_000_000L, 205_000_000_000L), (rules[2].ReservedBytes, rules[2].MaxUsedBytes, rules[2].MinFreeBytes));
        Assert.Equal((TimeSpan.FromDays(2), TimeSpan.FromDays(60)), (rules[0].UnusedFor!.Value, rules[1].UnusedFor!.Value));
        Assert.Equal("mount", Chosen(rules[0] with { MaxUsedBytes = 1, UnusedFor = TimeSpan.FromHours(2) }));
        Assert.Equal([7L, 7, 7], new CacheLimits { MaxUsedBytes = 7 }.For(1L << 40).Skip(1).Select(static r => r.MaxUsedBytes));
        Assert.Equal([5L], new CacheLimits { Rules = [new() { MaxUsedBytes = 5 }] }.For(1L << 40).Select(static r => r.MaxUsedBytes));
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
