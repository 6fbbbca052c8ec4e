using System.Text.RegularExpressions;
using Gantry.Model.Oci;
using Gantry.Runtime.Confine;
using Xunit;

namespace Gantry.Tests.System.Runtime.CommandLine;

/// <summary>The same config under our runtime and under Debian's runc: what a container finds inside has to be the same.</summary>
public sealed partial class RuncOracleTests
{
    // Without what hides masked paths: runc takes the container's /dev/null for it, we the host's (CVE-2025-31133), and our
    // empty directories allow less. A test of masked paths looks at their effect.
    private const string ShowMounts = "grep -v -E ' (/proc/(keys|timer_list|interrupts|acpi)|/sys/firmware) ' /proc/self/mountinfo";

    private static readonly Dictionary<string, (string Script, Func<OciRuntime, RuntimeConfig, RuntimeConfig> Change)> _cases = new()
    {
        ["docker's mounts"] = (ShowMounts, (_, c) => c),
        ["read-only root"] = (ShowMounts, (_, c) => c with { Root = c.Root! with { Readonly = true } }),
        ["root slave"] = (ShowMounts, (_, c) => c with { Linux = c.Linux! with { RootfsPropagation = "rslave" } }),
        ["root private"] = (ShowMounts, (_, c) => c with { Linux = c.Linux! with { RootfsPropagation = "rprivate" } }),
        ["tmpfs copied up"] = ("cat /etc/passwd; stat -c '%a %u %n' /etc /etc/passwd; touch /etc/new && echo written", (_, c) => With(c, new RuntimeMount { Destination = "/etc", Type = "tmpfs", Source = "tmpfs", Options = ["tmpcopyup", "mode=750"] })),
        ["limits"] = ("cat /proc/self/limits", (_, c) => c with { Process = c.Process! with { Rlimits = [.. Rlimits.Names.Select(Limit)] } }),
        ["capabilities of a user"] = (
            "grep -E '^(Cap|NoNewPrivs|Groups|Uid|Gid|Umask)' /proc/self/status",
            (_, c) => c with
            {
                Process = c.Process! with
                {
                    NoNewPrivileges = false,
                    User = new RuntimeUser { Uid = 1000, Gid = 1001, AdditionalGids = [5, 7], Umask = 0x17 },
                    Capabilities = new RuntimeCapabilities { Bounding = ["CAP_KILL", "CAP_CHOWN", "CAP_NET_RAW"], Permitted = ["CAP_KILL", "CAP_NET_RAW"], Effective = ["CAP_KILL"], Inheritable = ["CAP_KILL"], Ambient = ["CAP_KILL"] },
                },
            }),
        ["no capabilities"] = ("grep ^Cap /proc/self/status", (_, c) => c with { Process = c.Process! with { Capabilities = null } }),
        ["sysctls"] = (
            "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax /proc/sys/fs/mqueue/msg_max /proc/sys/net/ipv4/ping_group_range",
            (_, c) => c with { Linux = c.Linux! with { Sysctl = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1", ["kernel.msgmax"] = "12345", ["fs.mqueue.msg_max"] = "17", ["net/ipv4/ping_group_range"] = "3 9" } } }),
        ["devices"] = (
            "cd /dev; for d in *; do stat -c '%n %F %a %u %g %t:%T' $d; done; readlink fd stdin stdout stderr core ptmx",
            (_, c) => c with { Linux = c.Linux! with { Devices = [new LinuxDevice { Path = "/dev/fuse", Type = "c", Major = 10, Minor = 229, FileMode = 0x180, Uid = 3, Gid = 4 }, new LinuxDevice { Path = "/dev/deep/pipe", Type = "p" }] } }),
        ["environment"] = ("env; pwd; cat /proc/self/oom_score_adj; hostname", (_, c) => c with { Process = c.Process! with { Cwd = "/tmp", OomScoreAdj = 77, User = new RuntimeUser { Uid = 1000 } } }),
        ["masked and read-only"] = (
            "cat /etc/passwd | wc -c; ls /data; (echo >/etc/x) 2>&1; echo >/proc/self/comm; (echo 1 >/proc/sys/kernel/panic) 2>&1; (echo x >/proc/interrupts) 2>&1; cat /proc/keys /proc/interrupts | wc -c; ls /proc/acpi /sys/firmware; " + ShowMounts + " | grep -v -E ' (/data|/etc/passwd) '",
            (_, c) => c with { Linux = c.Linux! with { MaskedPaths = [.. c.Linux.MaskedPaths!, "/etc/passwd", "/data", "/nonexistent"], ReadonlyPaths = [.. c.Linux.ReadonlyPaths!, "/etc", "/nonexistent"] } }),
        ["user namespace"] = (
            "cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; id; cd /dev; stat -c '%n %F %u %t:%T' *; touch /tmp/x; stat -c %u /tmp/x; " + ShowMounts + " | cut -d' ' -f4- | sort",
            (runtime, c) => Mapped(runtime, c)),
        ["namespaces of the host"] = ("cat /proc/1/comm >/dev/null && hostname", (_, c) => c with { Hostname = null, Linux = c.Linux! with { Namespaces = [.. c.Linux.Namespaces!.Where(n => n.Type is "mount" or "pid")] }, Mounts = [.. c.Mounts.Where(m => m.Type != "mqueue")] }),
        ["seccomp"] = (
            "grep Seccomp: /proc/self/status; mkdir /tmp/x; echo $?",
            (_, c) => c with { Linux = c.Linux! with { Seccomp = new LinuxSeccomp { DefaultAction = "SCMP_ACT_ALLOW", Architectures = ["SCMP_ARCH_X86_64"], Syscalls = [new LinuxSyscallRule { Names = ["mkdir", "mkdirat"], Action = "SCMP_ACT_ERRNO", ErrnoRet = 95 }] } } }),
    };

    private static readonly string[] _tmpfsOptions =
    [
        "ro", "noexec", "nosuid", "nodev", "noatime", "nodiratime", "relatime", "strictatime", "sync", "dirsync", "lazytime", "ro,noexec,nosuid,nodev,noatime", "size=1m,mode=700", "nr_inodes=77", "rw,exec,suid,dev", "silent", "iversion",
    ];

    private static readonly string[] _bindOptions =
    [
        "bind", "rbind", "bind,ro", "rbind,ro", "rbind,rro", "rbind,rnoexec", "rbind,rnosuid,rnodev", "rbind,rnoatime", "rbind,rnodiratime", "rbind,rnosymfollow", "bind,nosuid,noexec", "bind,noatime",
        "rbind,private", "rbind,rprivate", "rbind,slave", "rbind,rslave", "rbind,shared", "rbind,rshared", "rbind,unbindable", "rbind,runbindable", "bind,private,ro", "rbind,ro,rprivate", "rbind,rro,rshared",
    ];

    public static TheoryData<string> Cases => [.. _cases.Keys];

    public static TheoryData<string> TmpfsOptions => [.. _tmpfsOptions];

    public static TheoryData<string> BindOptions => [.. _bindOptions];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task TheInsideIsTheSame(string name) => SameAsync(_cases[name].Script, _cases[name].Change);

    [Theory]
    [MemberData(nameof(TmpfsOptions))]
    public Task AFileSystemHasTheSameOptions(string options) =>
        SameAsync("grep ' /data ' /proc/self/mountinfo", (_, c) => With(c, new RuntimeMount { Destination = "/data", Type = "tmpfs", Source = "tmpfs", Options = options.Split(',') }));

    /// <summary>The source has a mount below itself, which the recursive options reach and the others do not.</summary>
    [Theory]
    [MemberData(nameof(BindOptions))]
    public Task ABindMountHasTheSameOptions(string options) =>
        SameAsync("grep -E ' /data(/below)? ' /proc/self/mountinfo", (runtime, c) => With(c, new RuntimeMount { Destination = "/data", Type = "bind", Source = runtime.Path + "/source", Options = options.Split(',') }));

    private static async Task SameAsync(string script, Func<OciRuntime, RuntimeConfig, RuntimeConfig> change)
    {
        var outputs = new List<string>();
        foreach (var name in (string[])["runc", OciRuntime.Ours])
        {
            await using var runtime = OciRuntime.Of(name);
            Directory.CreateDirectory(runtime.Path + "/source/below");
            runtime.Configure(script, c => change(runtime, c));
            // The mount below the source is this shell's alone, and shared, as a host's mounts are.
            var result = await runtime.RunApartAsync("mount --make-rshared /; mount -t tmpfs tmpfs source/below", "run", "c");
            outputs.Add($"exit {result.ExitCode}\n" + Normal(result.Output + result.Error, runtime));
        }

        Assert.NotEqual("exit 0\n", outputs[0]);
        Assert.Equal(outputs[0], outputs[1]);
    }

    // Few enough for every machine, and enough to run a shell.
    private static RuntimeRlimit Limit(string name, int index) => name switch
    {
        "RLIMIT_AS" or "RLIMIT_DATA" or "RLIMIT_STACK" or "RLIMIT_FSIZE" => new RuntimeRlimit { Type = name, Soft = 64 << 20, Hard = 65 << 20 },
        "RLIMIT_NICE" or "RLIMIT_RTPRIO" => new RuntimeRlimit { Type = name, Soft = 0, Hard = 0 },
        _ => new RuntimeRlimit { Type = name, Soft = 20 + (ulong)index, Hard = 40 + (ulong)index },
    };

    private static RuntimeConfig With(RuntimeConfig config, params RuntimeMount[] mounts) => config with { Mounts = [.. config.Mounts, .. mounts] };

    private static RuntimeConfig Mapped(OciRuntime runtime, RuntimeConfig config)
    {
        foreach (var path in (string[])[runtime.Path, runtime.Rootfs]) File.SetUnixFileMode(path, (UnixFileMode)0x1ED);
        File.SetUnixFileMode(runtime.Rootfs + "/tmp", (UnixFileMode)0x1FF);
        IReadOnlyList<IdMapping> mappings = [new IdMapping { ContainerID = 0, HostID = 100000, Size = 65536 }];
        return config with { Linux = config.Linux! with { Namespaces = [.. config.Linux.Namespaces!, new LinuxNamespace { Type = "user" }], UidMappings = mappings, GidMappings = mappings } };
    }

    // Numbers of mounts, devices and peer groups differ from run to run, and so do the bundles.
    private static string Normal(string text, OciRuntime runtime)
    {
        text = text.Replace(runtime.Path, "BUNDLE", StringComparison.Ordinal).Replace(runtime.CgroupPath, "/CGROUP", StringComparison.Ordinal);
        text = MountNumbers().Replace(text, "");
        // Ours is read-only by the mount, runc's by the file system; and of the directory above the cgroups runc asks nothing.
        text = text.Replace("- sysfs sysfs ro", "- sysfs sysfs rw", StringComparison.Ordinal)
            .Replace("/sys/fs/cgroup ro,", "/sys/fs/cgroup rw,", StringComparison.Ordinal)
            .Replace("- cgroup systemd ", "- cgroup cgroup ", StringComparison.Ordinal);
        return PeerGroup().Replace(text, "$1");
    }

    [GeneratedRegex(@"^\d+ \d+ \d+:\d+ ", RegexOptions.Multiline)]
    private static partial Regex MountNumbers();

    [GeneratedRegex(@"(shared|master|propagate_from):\d+")]
    private static partial Regex PeerGroup();
}
