using Gantry.Engine.Planning;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Planning;

/// <summary>What an update changes, what it leaves, and what it refuses.</summary>
public sealed class ResourceUpdateTests
{
    private const long Mib = 1 << 20;

    public static TheoryData<HostConfig, HostConfig, string?> Conflicts() => new()
    {
        { new() { CpuPeriod = 1 }, new() { NanoCpus = 1 }, "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set" },
        { new() { CpuQuota = 1 }, new() { NanoCpus = 1 }, "Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set" },
        { new() { NanoCpus = 1 }, new() { CpuPeriod = 1 }, "Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set" },
        { new() { NanoCpus = 1 }, new() { CpuQuota = 1 }, "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set" },
        { new() { MemorySwap = 5 }, new() { Memory = 6 }, "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time" },
        { new() { MemorySwap = 5 }, new() { Memory = 6, MemorySwap = 7 }, null },
        { new() { MemorySwap = 5 }, new() { Memory = 4 }, null },
        { new(), new() { Memory = 6 }, "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time" },
        { new() { MemorySwap = -1 }, new() { Memory = 6 }, "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time" },
        { new() { MemorySwap = -1 }, new() { Memory = 6, MemorySwap = -1 }, null },
        { new() { AutoRemove = true }, new() { RestartPolicy = new() { Name = "always" } }, "Restart policy cannot be updated because AutoRemove is enabled for the container" },
        { new() { AutoRemove = true }, new() { RestartPolicy = new() { Name = "no" } }, null },
    };

    [Theory]
    [MemberData(nameof(Conflicts))]
    public void SaysWhatDoesNotGoTogether(HostConfig current, HostConfig change, string? why) => Assert.Equal(why, ResourceUpdate.Conflict(current, change));

    [Fact]
    public void KeepsWhatIsNotGiven()
    {
        var current = new HostConfig { Memory = 100 * Mib, MemorySwap = 200 * Mib, CpuShares = 512, CpusetCpus = "0", PidsLimit = 7, RestartPolicy = new() { Name = "always" }, Binds = ["/a:/b"] };
        Assert.Equal(current, ResourceUpdate.Merge(current, new HostConfig { Memory = 0, CpusetCpus = "", RestartPolicy = new() { Name = "" } }));
        var merged = ResourceUpdate.Merge(current, new HostConfig { Memory = 150 * Mib, PidsLimit = 0, RestartPolicy = new() { Name = "no" } });
        Assert.Equal((150 * Mib, 200 * Mib, 512, 0, "no"), (merged.Memory, merged.MemorySwap, merged.CpuShares, merged.PidsLimit, merged.RestartPolicy!.Name));
    }

    [Theory]
    [InlineData(-2, 0)]
    [InlineData(-1, 0)]
    [InlineData(32, 32)]
    public void UnlimitedProcessesAreZero(long asked, long kept) =>
        Assert.Equal(kept, ResourceUpdate.Merge(new HostConfig { PidsLimit = 16 }, new HostConfig { PidsLimit = asked }).PidsLimit);

    [Fact]
    public void TellsTheKernelOnlyWhatChanges()
    {
        var current = new HostConfig { Memory = 100 * Mib, MemorySwap = 200 * Mib, CpuShares = 512, NanoCpus = 1_000_000_000 };
        Assert.Null(Limits(new HostConfig { RestartPolicy = new() { Name = "always" } }));
        Assert.Equal(new LinuxResources { Cpu = new() { Shares = 100 } }, Limits(new HostConfig { CpuShares = 100 }));
        // Memory and swap are a pair: the swap limit that was asked for once stays.
        Assert.Equal(new LinuxResources { Memory = new() { Limit = 150 * Mib, Swap = 200 * Mib } }, Limits(new HostConfig { Memory = 150 * Mib }));
        Assert.Equal(new LinuxResources { Memory = new() { Limit = 100 * Mib, Swap = -1 } }, Limits(new HostConfig { MemorySwap = -1 }));
        Assert.Equal(new LinuxResources { Memory = new() { Limit = 100 * Mib } }, ResourceUpdate.Limits(current with { MemorySwap = -1 }, new HostConfig { MemorySwap = -1 }, countsSwap: false));
        Assert.Equal(new LinuxResources { Pids = new() { Limit = -1 } }, Limits(new HostConfig { PidsLimit = 0 }));

        LinuxResources? Limits(HostConfig change) => ResourceUpdate.Limits(ResourceUpdate.Merge(current, change), change, countsSwap: true);
    }

    [Fact]
    public void RefusesWhatAContainerKeepsForLife()
    {
        ResourceUpdate.CheckMembers(new HostConfig { MemorySwappiness = -1, OomKillDisable = false, Devices = [] }); // what clients send for "not given"
        var refused = Assert.Throws<GantryException>(() => ResourceUpdate.CheckMembers(new HostConfig { Devices = [new()], CgroupParent = "/x" }));
        Assert.Equal(ErrorKind.Invalid, refused.Kind);
        Assert.StartsWith("CgroupParent, Devices cannot be changed", refused.Message, StringComparison.Ordinal);
    }
}
