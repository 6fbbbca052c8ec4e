using Gantry.Kernel.Sys;
using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.System.Runtime;

/// <summary>Members of the config that runc 1.1 does not have yet: the rest is compared with it in RuncOracleTests.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly Bundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void APersonalityOfA32BitMachine() =>
        Assert.Equal("i686", _bundle.Sh("/bin/busybox uname -m", c => c with { Linux = c.Linux! with { Personality = new LinuxPersonality { Domain = "LINUX32" } } }));

    [Theory]
    [InlineData("IOPRIO_CLASS_BE", 3, "best-effort: prio 3")]
    [InlineData("IOPRIO_CLASS_RT", 1, "realtime: prio 1")]
    [InlineData("IOPRIO_CLASS_IDLE", 0, "idle")]
    public void AnIoPriority(string @class, int priority, string expected) =>
        Assert.StartsWith(expected, _bundle.Sh("/bin/busybox ionice -p $$", c => c with { Process = c.Process! with { IoPriority = new RuntimeIoPriority { Class = @class, Priority = priority } } }), StringComparison.Ordinal);

    [Theory]
    [InlineData("SCHED_FIFO", 7, null, "1")]
    [InlineData("SCHED_RR", 9, null, "2")]
    [InlineData("SCHED_BATCH", null, 5, "3")]
    [InlineData("SCHED_IDLE", null, null, "5")]
    [InlineData("SCHED_OTHER", null, 11, "0")]
    public void AScheduler(string policy, int? priority, int? nice, string expected)
    {
        // Source: proc(5), /proc/pid/stat: 19 nice, 40 rt_priority, 41 policy.
        var fields = _bundle.Sh("cat /proc/self/stat", c => c with { Process = c.Process! with { Scheduler = new RuntimeScheduler { Policy = policy, Priority = priority, Nice = nice } } }).Split(' ');
        Assert.Equal((expected, $"{priority ?? 0}", $"{nice ?? 0}"), (fields[40], fields[39], fields[18]));
    }

    [Fact]
    public void AnIdMappedMountShowsOtherOwners()
    {
        var source = Directory.CreateDirectory(_bundle.Path + "/source").FullName;
        File.WriteAllText(source + "/file", "");
        Files.TryChownAt(null, source + "/file", 1000, 1001);
        IReadOnlyList<IdMapping> Map(uint from, uint to) => [new IdMapping { ContainerID = 0, HostID = 0, Size = 1 }, new IdMapping { ContainerID = from, HostID = to, Size = 1 }];
        var output = _bundle.Sh("stat -c '%u %g' /data/file; touch /data/new && stat -c %u /data/new", c => c with
        {
            Mounts = [.. c.Mounts, new RuntimeMount { Destination = "/data", Type = "bind", Source = source, Options = ["rbind"], UidMappings = Map(1000, 5000), GidMappings = Map(1001, 6001) }],
        });
        Assert.Equal("5000 6001\n0", output);
        Assert.Equal(0u, Files.Status(null, source + "/new").Uid);
    }
}
