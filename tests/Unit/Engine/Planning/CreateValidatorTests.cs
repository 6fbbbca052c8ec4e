using Gantry.Engine;
using Gantry.Engine.Planning;
using Gantry.Kernel.Cgroups;
using Gantry.Model;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Planning;

public sealed class CreateValidatorTests
{
    private static readonly HostFacts _facts = new() { Cgroups = CgroupLayout.V1, Processors = 2, Limits = new() { Swappiness = true, OomKillDisable = true } };

    private static readonly EngineOptions _options = new() { RuntimeBinary = "/x" };

    private static IReadOnlyList<string> Problems(HostConfig host, ContainerConfig? config = null, HostFacts? facts = null) =>
        CreateValidator.Problems(config ?? new() { Cmd = ["true"] }, SpecDefaults.Complete(host, facts ?? _facts, _options), facts ?? _facts);

    [Fact]
    public void PlainContainer_HasNoProblem()
    {
        Assert.Empty(Problems(new()));
        Assert.Empty(CreateValidator.Warnings(SpecDefaults.Complete(new(), _facts, _options)));
        CreateValidator.Check(new(), new(), _facts);
    }

    public static TheoryData<string, HostConfig> Refused => new()
    {
        { "Minimum memory limit allowed is 6MB", new() { Memory = 1 << 20 } },
        { "Minimum memoryswap limit should be larger than memory limit, see usage", new() { Memory = 64 << 20, MemorySwap = 32 << 20 } },
        { "You should always set the Memory limit when using Memoryswap limit, see usage", new() { MemorySwap = 32 << 20 } },
        { "Invalid value: 101, valid memory swappiness range is 0-100", new() { MemorySwappiness = 101 } },
        { "Minimum memory limit can not be less than memory reservation limit, see usage", new() { Memory = 64 << 20, MemoryReservation = 128 << 20 } },
        { "Conflicting options: Nano CPUs and CPU Period cannot both be set", new() { NanoCpus = 1_000_000_000, CpuPeriod = 100_000 } },
        { "range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available", new() { NanoCpus = 3_000_000_000 } },
        { "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)", new() { CpuPeriod = 5 } },
        { "Invalid value 0-9999 for cpuset cpus: value of out range, maximum is 8192", new() { CpusetCpus = "0-9999" } },
        { "Requested CPUs are not available - requested 0-7, available: 0-1", new() { CpusetCpus = "0-7" } },
        { "Requested memory nodes are not available - requested 1, available: 0", new() { CpusetMems = "1" } },
        { "Invalid value 0-7,, for cpuset cpus", new() { CpusetCpus = "0-7,," } },
        { "Invalid value 1-x for cpuset cpus", new() { CpusetCpus = "1-x" } },
        { "Range of blkio weight is from 10 to 1000", new() { BlkioWeight = 5 } },
        { "Invalid value 1001, range for oom score adj is [-1000, 1000]", new() { OomScoreAdj = 1001 } },
        { "invalid ulimit type: fly", new() { Ulimits = [new() { Name = "fly" }] } },
        { "ulimit soft limit must be less than or equal to hard limit: -1 > 5", new() { Ulimits = [new() { Name = "core", Soft = -1, Hard = 5 }] } },
        { "invalid restart policy: unknown policy 'maybe'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'", new() { RestartPolicy = new() { Name = "maybe" } } },
        { "invalid restart policy: maximum retry count can only be used with 'on-failure'", new() { RestartPolicy = new() { Name = "always", MaximumRetryCount = 3 } } },
        { "can't create 'AutoRemove' container with restart policy", new() { AutoRemove = true, RestartPolicy = new() { Name = "always" } } },
        { "invalid CapAdd: unknown capability: \"CAP_FLY\"", new() { CapAdd = ["FLY"] } },
        { "invalid IPC mode: mine", new() { IpcMode = "mine" } },
        { "invalid PID mode: mine", new() { PidMode = "mine" } },
        { "invalid container format container:<name|id>", new() { PidMode = "container:" } },
        { "bad format for add-host: \"x\"", new() { ExtraHosts = ["x"] } },
        { "invalid IP address in add-host: \"nowhere\"", new() { ExtraHosts = ["x:nowhere"] } },
        { "sysctl 'kernel.panic' is not allowed: it is not one of a namespace of the container's own", new() { Sysctls = new Dictionary<string, string> { ["kernel.panic"] = "1" } } },
        { "invalid device cgroup rule format: 'x'", new() { DeviceCgroupRules = ["x"] } },
        { "bad mode specified: rx", new() { Devices = [new() { PathOnHost = "/dev/null", CgroupPermissions = "rx" }] } },
        { "unknown or invalid runtime name: kata", new() { Runtime = "kata" } },
        { "could not select device driver \"\" with capabilities: [[gpu]]", new() { DeviceRequests = [new() { Driver = "", Capabilities = [["gpu"]] }] } },
        { "invalid Annotations: the empty string is not permitted as an annotation key", new() { Annotations = new Dictionary<string, string> { [""] = "a" } } },
        { "invalid --security-opt 2: \"writable-cgroups=1\"", new() { SecurityOpt = ["writable-cgroups=1"] } },
        { "invalid --security-opt 2: \"fly=1\"", new() { SecurityOpt = ["fly=1"] } },
        { "conflicting options: port publishing and the container type network mode", new() { NetworkMode = "container:a", PortBindings = new Dictionary<string, IReadOnlyList<PortBinding>?> { ["80/tcp"] = [] } } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Problem_IsNamedInDockersWords(string message, HostConfig host) => Assert.Equal([message], Problems(host));

    [Fact]
    public void Config_IsCheckedToo()
    {
        var problems = Problems(new() { UTSMode = "host" }, new() { Cmd = ["a\0b"], Env = ["=x"], WorkingDir = "here", Hostname = "web", Healthcheck = new() { Interval = 5, Retries = -1 } });
        Assert.Equal(
            [
                "the working directory 'here' is invalid, it needs to be an absolute path",
                "invalid environment variable: =x",
                "the command contains a NUL character, which no argument can have",
                "Interval in Healthcheck cannot be less than 1ms",
                "Retries in Healthcheck cannot be negative",
                "conflicting options: hostname and the UTS mode",
            ],
            problems);
    }

    [Fact]
    public void BadProfile_IsFoundAtCreate() =>
        Assert.StartsWith("decoding seccomp profile failed", Assert.Single(Problems(new() { SecurityOpt = ["seccomp={"] })), StringComparison.Ordinal);

    [Fact]
    public void LimitsThatCannotBeLeftOut_AreRefused()
    {
        var facts = _facts with { Limits = LimitSupport.None };
        Assert.Equal(["NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted"], Problems(new() { NanoCpus = 1_000_000_000 }, facts: facts));
        Assert.Equal(["Your kernel does not support CPU real-time scheduler"], Problems(new() { CpuRealtimePeriod = 1000 }, facts: facts));
    }

    [Fact]
    public void Check_ThrowsThemAllAtOnce() =>
        Assert.Equal(3, Assert.Throws<GantryException>(() => CreateValidator.Check(new(), new() { Memory = 1, BlkioWeight = 1, CpuPeriod = 1 }, _facts)).Message.Split('\n').Length);

    [Fact]
    public void MappedIds_DoNotGoWithTheHostsNamespaces()
    {
        var facts = _facts with { Remap = new([new() { HostID = 100000, Size = 65536 }], [new() { HostID = 100000, Size = 65536 }]) };
        foreach (var host in (HostConfig[])[new() { Privileged = true }, new() { NetworkMode = "host" }, new() { PidMode = "host" }])
        {
            Assert.Contains("user namespaces", Assert.Single(CreateValidator.Problems(new(), host, facts)), StringComparison.Ordinal);
            Assert.Empty(CreateValidator.Problems(new(), host with { UsernsMode = "host" }, facts));
            Assert.Empty(CreateValidator.Problems(new(), host, _facts));
        }
    }

    [Theory]
    [InlineData("size", "4m", true, "")]
    [InlineData("SIZE", "1G", true, "")]
    [InlineData("size", "much", true, "invalid size: 'much'")]
    [InlineData("inodes", "5", true, "Unknown option inodes")]
    [InlineData("size", "4m", false, "--storage-opt size is not supported on this data root: ")]
    public void SizesAreLimitedWhereTheFileSystemCan(string key, string value, bool able, string problem)
    {
        var problems = Problems(new() { StorageOpt = new Dictionary<string, string> { [key] = value } }, facts: _facts with { LimitsSizes = able });

        if (problem.Length == 0)
            Assert.Empty(problems);
        else
            Assert.StartsWith(problem, Assert.Single(problems), StringComparison.Ordinal);
    }
}
