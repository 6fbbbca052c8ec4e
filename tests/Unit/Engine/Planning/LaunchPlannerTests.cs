using Gantry.Engine;
using Gantry.Engine.Planning;
using Gantry.Kernel.Cgroups;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Planning;

/// <summary>What a runtime is handed for variations of <c>docker run</c>; the expected values are those of dockerd 20.10's config.json, the masked paths those of 28.</summary>
public sealed class LaunchPlannerTests
{
    private const string Id = "0123456789ab0123456789ab0123456789ab0123456789ab0123456789abcdef";
    private static readonly EngineOptions _options = new() { RuntimeBinary = "/x" };

    private static readonly HostFacts _facts = new() { Cgroups = CgroupLayout.Hybrid };

    private static RuntimeConfig Plan(HostConfig? host = null, ContainerConfig? config = null, Func<PlanInput, PlanInput>? more = null, HostFacts? facts = null)
    {
        var input = new PlanInput
        {
            Id = Id,
            Config = config ?? new() { Cmd = ["true"] },
            HostConfig = SpecDefaults.Complete(host ?? new(), facts ?? _facts, _options),
            Facts = facts ?? _facts,
        };
        return LaunchPlanner.Plan(more is null ? input : more(input));
    }

    [Fact]
    public void MappedIds_MakeAUserNamespaceUnlessItIsTheHosts()
    {
        var remap = new IdMap([new IdMapping { HostID = 100000, Size = 65536 }], [new IdMapping { HostID = 200000, Size = 1000 }]);
        var facts = _facts with { Remap = remap };
        var plan = Plan(new() { Sysctls = new Dictionary<string, string> { ["net.ipv4.conf.eth0.arp_ignore"] = "1", ["net.core.somaxconn"] = "5" } }, facts: facts);
        Assert.Equal((remap.Uids, remap.Gids), (plan.Linux!.UidMappings, plan.Linux.GidMappings));
        Assert.Null(Assert.Single(plan.Linux.Namespaces!, static space => space.Type == "user").Path);
        Assert.Null(Assert.Single(plan.Linux.Namespaces!, static space => space.Type == "network").Path);
        Assert.Equal("0 999", plan.Linux.Sysctl!["net.ipv4.ping_group_range"]);
        Assert.Equal("5", plan.Linux.Sysctl["net.core.somaxconn"]);
        Assert.False(plan.Linux.Sysctl.ContainsKey("net.ipv4.conf.eth0.arp_ignore"));

        var host = Plan(new() { UsernsMode = "host" }, facts: facts);
        Assert.Null(host.Linux!.UidMappings);
        Assert.DoesNotContain(host.Linux.Namespaces!, static space => space.Type == "user");
        Assert.Equal("0 2147483647", host.Linux.Sysctl!["net.ipv4.ping_group_range"]);

        var joined = Plan(new() { NetworkMode = "container:x" }, more: input => input with { NetworkNamespacePath = "/proc/7/ns/net", UserNamespacePath = "/proc/7/ns/user" }, facts: facts);
        Assert.Equal("/proc/7/ns/user", Assert.Single(joined.Linux!.Namespaces!, static space => space.Type == "user").Path);
        Assert.DoesNotContain(Plan(new() { IpcMode = "host" }, facts: facts).Mounts, static mount => mount.Type == "mqueue");
    }

    private static string Line(RuntimeMount mount) => $"{mount.Destination} {mount.Type} {mount.Source} {string.Join(",", mount.Options ?? [])}";

    [Fact]
    public void Default_HasDockersMountsInOrder()
    {
        var plan = Plan(more: input => input with { ResolvConfPath = "/c/resolv.conf", HostnamePath = "/c/hostname", HostsPath = "/c/hosts" });
        Assert.Equal(
            [
                "/proc proc proc nosuid,noexec,nodev",
                "/dev tmpfs tmpfs nosuid,strictatime,mode=755,size=65536k",
                "/dev/pts devpts devpts nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5",
                "/sys sysfs sysfs nosuid,noexec,nodev,ro",
                "/sys/fs/cgroup cgroup cgroup ro,nosuid,noexec,nodev",
                "/dev/mqueue mqueue mqueue nosuid,noexec,nodev",
                "/dev/shm tmpfs shm nosuid,noexec,nodev,mode=1777,size=67108864",
                "/etc/resolv.conf bind /c/resolv.conf rbind,rprivate",
                "/etc/hostname bind /c/hostname rbind,rprivate",
                "/etc/hosts bind /c/hosts rbind,rprivate",
            ],
            plan.Mounts.Select(Line));
    }

    [Fact]
    public void Default_HasDockersCapabilitiesAndNothingInherited()
    {
        var capabilities = Plan().Process!.Capabilities!;
        string[] expected =
        [
            "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
            "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
        ];
        Assert.Equal(expected, capabilities.Bounding);
        Assert.Equal(expected, capabilities.Effective);
        Assert.Equal(expected, capabilities.Permitted);
        Assert.Null(capabilities.Inheritable);
        Assert.Null(capabilities.Ambient);
    }

    [Fact]
    public void Default_HasNamespacesPathsAndSysctls()
    {
        var linux = Plan().Linux!;
        Assert.Equal(["mount", "network", "uts", "pid", "ipc"], linux.Namespaces!.Select(space => space.Type));
        Assert.All(linux.Namespaces!, space => Assert.Null(space.Path));
        Assert.Equal(["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"], linux.ReadonlyPaths);
        Assert.Equal(12, linux.MaskedPaths!.Count);
        Assert.Contains("/proc/kcore", linux.MaskedPaths);
        Assert.Equal("0", linux.Sysctl!["net.ipv4.ip_unprivileged_port_start"]);
        Assert.Equal("0 2147483647", linux.Sysctl["net.ipv4.ping_group_range"]);
        Assert.Equal($"/gantry/{Id}", linux.CgroupsPath);
        Assert.NotNull(linux.Seccomp);
        Assert.Null(linux.Resources!.Memory);
        Assert.Null(linux.Resources.Cpu);
        Assert.Null(linux.Resources.BlockIO);
    }

    [Fact]
    public void Default_DeviceRulesDenyAllThenAllowSix()
    {
        var rules = Plan().Linux!.Resources!.Devices!;
        Assert.Equal(
            ["False   rwm", "True c 1 5rwm", "True c 1 3rwm", "True c 1 9rwm", "True c 1 8rwm", "True c 5 0rwm", "True c 5 1rwm", "False c 10 229rwm"],
            rules.Select(rule => $"{rule.Allow} {rule.Type} {rule.Major} {rule.Minor}{rule.Access}"));
    }

    [Fact]
    public void Environment_HasEnginesThenContainersInPlace()
    {
        var plan = Plan(config: new() { Cmd = ["sh"], Tty = true, Hostname = "web", Env = ["A=1", "PATH=/bin", "TERM", "HOME=", "B="] }, more: input => input with { User = new(5, 6, [6], "/home/u") });
        Assert.Equal(["PATH=/bin", "HOSTNAME=web", "A=1", "B=", "HOME=/home/u"], plan.Process!.Env);
    }

    [Fact]
    public void Privileged_HasEverythingAndHidesNothing()
    {
        var plan = Plan(new() { Privileged = true, CapDrop = ["ALL"] });
        Assert.Equal(41, plan.Process!.Capabilities!.Bounding!.Count);
        Assert.Empty(plan.Linux!.MaskedPaths!);
        Assert.Empty(plan.Linux.ReadonlyPaths!);
        Assert.Null(plan.Linux.Seccomp);
        Assert.Contains("/sys sysfs sysfs nosuid,noexec,nodev", plan.Mounts.Select(Line));
        Assert.Contains("/sys/fs/cgroup cgroup cgroup nosuid,noexec,nodev", plan.Mounts.Select(Line));
        var rule = Assert.Single(plan.Linux.Resources!.Devices!);
        Assert.True(rule.Allow);
        Assert.Null(rule.Type);
    }

    [Fact]
    public void Privileged_WithAProfile_KeepsIt() =>
        Assert.Equal("SCMP_ACT_ALLOW", Plan(new() { Privileged = true, SecurityOpt = ["seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}"] }).Linux!.Seccomp!.DefaultAction);

    [Theory]
    [InlineData("NET_ADMIN", "", 15, "CAP_NET_ADMIN")]
    [InlineData("cap_net_admin", "CHOWN", 14, "CAP_NET_ADMIN")]
    [InlineData("ALL", "SYS_ADMIN", 40, "CAP_AUDIT_READ")]
    [InlineData("NET_RAW", "ALL", 1, "CAP_NET_RAW")]
    public void Capabilities_AreAddedAndDropped(string add, string drop, int count, string has)
    {
        var bounding = Plan(new() { CapAdd = [add], CapDrop = drop.Length > 0 ? [drop] : null }).Process!.Capabilities!.Bounding!;
        Assert.Equal(count, bounding.Count);
        Assert.Contains(has, bounding);
    }

    [Fact]
    public void UnknownCapability_IsNamed() =>
        Assert.Equal("unknown capability: \"CAP_FLY\"", Assert.Throws<GantryException>(() => Plan(new() { CapAdd = ["FLY"] })).Message);

    [Fact]
    public void HostModes_LeaveNamespacesOut()
    {
        var plan = Plan(new() { NetworkMode = "host", PidMode = "host", IpcMode = "host", UTSMode = "host" });
        Assert.Equal(["mount"], plan.Linux!.Namespaces!.Select(space => space.Type));
        Assert.Null(plan.Hostname);
        Assert.Null(plan.Linux.Sysctl);
        Assert.Contains("/dev/shm bind /dev/shm rbind,rprivate", plan.Mounts.Select(Line));
    }

    [Fact]
    public void ContainerModes_JoinByPath()
    {
        var plan = Plan(
            new() { NetworkMode = "container:a", PidMode = "container:a", IpcMode = "container:a" },
            more: input => input with { NetworkNamespacePath = "/proc/7/ns/net", PidNamespacePath = "/proc/7/ns/pid", IpcNamespacePath = "/proc/7/ns/ipc", ShmPath = "/run/shm-a" });
        Assert.Equal("/proc/7/ns/net", plan.Linux!.Namespaces!.Single(space => space.Type == "network").Path);
        Assert.Equal("/proc/7/ns/pid", plan.Linux.Namespaces!.Single(space => space.Type == "pid").Path);
        Assert.Equal("/proc/7/ns/ipc", plan.Linux.Namespaces!.Single(space => space.Type == "ipc").Path);
        Assert.Contains("/dev/shm bind /run/shm-a rbind,rprivate", plan.Mounts.Select(Line));
        Assert.Null(plan.Linux.Sysctl);
    }

    [Fact]
    public void ContainerMode_WithoutItsProcess_IsRefusedByName() =>
        Assert.Contains("\"db\": it is not running", Assert.Throws<GantryException>(() => Plan(new() { NetworkMode = "container:db" })).Message, StringComparison.Ordinal);

    [Fact]
    public void CgroupNamespace_IsPrivateOnV2Only()
    {
        Assert.DoesNotContain("cgroup", Plan().Linux!.Namespaces!.Select(space => space.Type));
        var v2 = _facts with { Cgroups = CgroupLayout.V2 };
        Assert.Contains("cgroup", Plan(facts: v2).Linux!.Namespaces!.Select(space => space.Type));
        Assert.Contains("cgroup", Plan(new() { Privileged = true }, facts: v2).Linux!.Namespaces!.Select(space => space.Type));
        Assert.DoesNotContain("cgroup", Plan(new() { Privileged = true, CgroupnsMode = "private" }).Linux!.Namespaces!.Select(space => space.Type));
    }

    [Fact]
    public void Resources_FollowDockersRules()
    {
        var resources = Plan(new() { Memory = 64 << 20, NanoCpus = 1_500_000_000, PidsLimit = 100, CpuShares = 512, BlkioWeight = 300 }).Linux!.Resources!;
        Assert.Equal(64 << 20, resources.Memory!.Limit);
        Assert.Equal(128 << 20, resources.Memory.Swap);
        Assert.Equal(150_000, resources.Cpu!.Quota);
        Assert.Equal(100_000UL, resources.Cpu.Period);
        Assert.Equal(512UL, resources.Cpu.Shares);
        Assert.Equal(100, resources.Pids!.Limit);
        Assert.Equal((ushort)300, resources.BlockIO!.Weight);
        Assert.Null(Plan(new() { Memory = 64 << 20, MemorySwap = -1 }).Linux!.Resources!.Memory!.Swap);
    }

    [Fact]
    public void ReadonlyRootfs_LeavesOnlyWhatMustBeWritable()
    {
        var plan = Plan(
            new() { ReadonlyRootfs = true },
            more: input => input with { HostsPath = "/c/hosts", Mounts = [new() { Kind = PlanMountKind.Bind, Source = "/data", Destination = "/data" }] });
        Assert.True(plan.Root!.Readonly);
        Assert.Equal(
            ["/proc", "/dev", "/dev/pts", "/dev/mqueue", "/dev/shm", "/data"],
            plan.Mounts.Where(mount => !mount.Options!.Contains("ro")).Select(mount => mount.Destination));
    }

    [Fact]
    public void Binds_AreRecursivelyReadOnlyAndSortedByDepth()
    {
        var plan = Plan(more: input => input with
        {
            HostsPath = "/c/hosts",
            DataRoot = "/var/lib/gantry",
            Mounts =
            [
                new() { Kind = PlanMountKind.Bind, Source = "/a", Destination = "/x/y/z", ReadOnly = true },
                new() { Kind = PlanMountKind.Bind, Source = "/etc", Destination = "/etc", ReadOnly = true, ReadOnlyNonRecursive = true },
                new() { Kind = PlanMountKind.Bind, Source = "/var", Destination = "/var" },
                new() { Kind = PlanMountKind.Bind, Source = "/v", Destination = "/v", Propagation = "rshared", NonRecursive = true },
            ],
        });
        Assert.Equal(
            ["/etc bind /etc rbind,ro,rprivate", "/var bind /var rbind,rslave", "/v bind /v bind,rshared", "/etc/hosts bind /c/hosts rbind,rprivate", "/x/y/z bind /a rbind,rro,rprivate"],
            plan.Mounts.Skip(7).Select(Line));
        Assert.Equal("shared", plan.Linux!.RootfsPropagation);
    }

    [Fact]
    public void OwnMounts_ReplaceDefaults()
    {
        var plan = Plan(more: input => input with { Mounts = [new() { Kind = PlanMountKind.Bind, Source = "/dev", Destination = "/dev" }, new() { Kind = PlanMountKind.Tmpfs, Destination = "/sys" }] });
        Assert.Equal(["/proc", "/sys/fs/cgroup", "/dev", "/sys"], plan.Mounts.Select(mount => mount.Destination));
    }

    [Fact]
    public void Tmpfs_LetsLaterOptionsWin()
    {
        var plan = Plan(more: input => input with { Mounts = [new() { Kind = PlanMountKind.Tmpfs, Destination = "/t", TmpfsOptions = ["exec", "size=64m", "mode=1777"] }] });
        Assert.Equal("/t tmpfs tmpfs nosuid,nodev,rprivate,exec,size=64m,mode=1777", Line(plan.Mounts[^1]));
    }

    [Fact]
    public void Init_IsPutBeforeTheCommand()
    {
        var plan = Plan(new() { Init = true }, more: input => input with { InitPath = "/usr/lib/gantry-init" });
        Assert.Equal(["/sbin/docker-init", "--", "true"], plan.Process!.Args);
        Assert.Contains("/sbin/docker-init bind /usr/lib/gantry-init bind,ro", plan.Mounts.Select(Line));
    }

    [Fact]
    public void Ulimits_OverrideTheEnginesByName()
    {
        var plan = Plan(
            new() { Ulimits = [new() { Name = "nofile", Soft = 10, Hard = 20 }, new() { Name = "core", Soft = -1, Hard = -1 }] },
            more: input => input with { DefaultUlimits = [new() { Name = "nofile", Soft = 1, Hard = 2 }, new() { Name = "nproc", Soft = 3, Hard = 4 }] });
        Assert.Equal(["RLIMIT_NOFILE 10 20", "RLIMIT_NPROC 3 4", "RLIMIT_CORE 18446744073709551615 18446744073709551615"], plan.Process!.Rlimits!.Select(limit => $"{limit.Type} {limit.Soft} {limit.Hard}"));
    }

    [Fact]
    public void NoCommand_SaysWhatToType() =>
        Assert.StartsWith("no command specified", Assert.Throws<GantryException>(() => Plan(config: new())).Message, StringComparison.Ordinal);

    [Fact]
    public void Seccomp_FollowsCapabilities()
    {
        static bool Allows(RuntimeConfig plan, string name) => plan.Linux!.Seccomp!.Syscalls!.Any(rule => rule.Names.Contains(name) && rule.Action == "SCMP_ACT_ALLOW" && rule.Args is null);
        Assert.False(Allows(Plan(), "mount"));
        Assert.True(Allows(Plan(), "chroot"));
        Assert.True(Allows(Plan(new() { CapAdd = ["SYS_ADMIN"] }), "mount"));
        Assert.False(Allows(Plan(new() { CapDrop = ["SYS_CHROOT"] }), "chroot"));
        Assert.Equal(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], Plan().Linux!.Seccomp!.Architectures);
        Assert.Null(Plan(new() { SecurityOpt = ["seccomp=unconfined"] }).Linux!.Seccomp);
    }
}
