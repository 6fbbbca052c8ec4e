using Gantry.Kernel.Sys;
using Gantry.Model.Mounts;
using Gantry.Model.Oci;
using Gantry.Runtime;
using Xunit;

namespace Gantry.Tests.System.Runtime;

public sealed class LaunchTests : IDisposable
{
    private readonly Bundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void RunsAProgramAndReportsItsExitCode()
    {
        var (output, exit) = _bundle.Run(Bundle.Shell("echo hello; exit 7"));
        Assert.Equal("hello\n", output);
        Assert.Equal(7, exit.Status);
    }

    [Fact]
    public void ReportsASignalAs128Plus() => Assert.Equal(128 + 15, _bundle.Run(Bundle.Shell("sh -c 'kill -TERM $$'; exit $?")).Exit.Status);

    [Fact]
    public void IsProcessOneWithItsOwnHostname() => Assert.Equal("1 box", _bundle.Sh("echo $$ $(hostname)"));

    [Fact]
    public void ShowsNoMountOfTheHost()
    {
        var mounts = _bundle.Sh("cat /proc/self/mountinfo").Split('\n');
        Assert.DoesNotContain(mounts, m => m.Contains(" /tmp ", StringComparison.Ordinal) || m.Contains("/var/", StringComparison.Ordinal));
        Assert.Contains(mounts, m => m.Contains(" /proc ", StringComparison.Ordinal));
        Assert.Contains(mounts, m => m.Contains(" /dev/pts ", StringComparison.Ordinal));
    }

    [Fact]
    public void LeaksNoDescriptorAndNoIgnoredSignal()
    {
        Assert.Equal("0\n1\n2\n3", _bundle.Sh("ls /proc/self/fd"));
        // Not through a shell, which ignores signals of its own accord.
        var config = Bundle.Shell("");
        var (output, _) = _bundle.Run(config with { Process = config.Process! with { Args = ["/bin/grep", "-E", "SigIgn|SigBlk", "/proc/self/status"] } });
        Assert.Equal("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", output);
    }

    [Fact]
    public void GivesTheCapabilitiesAskedForAndNoNewPrivileges()
    {
        var output = _bundle.Sh("grep -E '^(CapPrm|CapEff|CapBnd|CapInh|CapAmb|NoNewPrivs)' /proc/self/status");
        Assert.Equal(
            "CapInh:\t0000000000000000\nCapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1",
            output);
    }

    [Fact]
    public void ALesserUserHasGroupsUmaskHomeAndNoCapabilities()
    {
        var output = _bundle.Sh(
            "id; umask; echo $HOME; grep CapEff /proc/self/status; echo ok >/dev/stdout",
            c => c with { Process = c.Process! with { Capabilities = c.Process.Capabilities! with { Effective = [], Permitted = [] }, User = new RuntimeUser { Uid = 1000, Gid = 1000, AdditionalGids = [7, 9], Umask = 0x1F } } });
        Assert.Equal("uid=1000(alice) gid=1000 groups=7,9\n0037\n/home/alice\nCapEff:\t0000000000000000\nok", output);
    }

    [Fact]
    public void MasksAndProtectsPaths()
    {
        var output = _bundle.Sh("cat /proc/keys | wc -c; ls /sys/firmware | wc -l; (echo 1 >/proc/sys/kernel/panic) 2>&1 | grep -c 'Read-only'; (echo x >/proc/interrupts) 2>&1; cat /proc/interrupts | wc -c");
        Assert.Equal("0\n0\n1\n0", output);
    }

    [Fact]
    public void AReadOnlyRootRefusesWrites() =>
        Assert.Contains("Read-only file system", _bundle.Sh("touch /x 2>&1; touch /dev/shm/y && echo ok", c => c with { Root = c.Root! with { Readonly = true } }), StringComparison.Ordinal);

    [Fact]
    public void BindMountsReadOnlyAndReadWrite()
    {
        var source = Directory.CreateDirectory(_bundle.Path + "/source").FullName;
        File.WriteAllText(source + "/file", "content");
        var output = _bundle.Sh("cat /data/file; touch /data/new && echo written; (touch /ro/deep/new) 2>&1; cat /one", c => c with
        {
            Mounts =
            [
                .. c.Mounts,
                new RuntimeMount { Destination = "/data", Type = "bind", Source = source, Options = ["rbind", "rprivate"] },
                new RuntimeMount { Destination = "/ro/deep", Type = "bind", Source = source, Options = ["bind", "ro"] },
                new RuntimeMount { Destination = "/one", Type = "bind", Source = source + "/file", Options = ["bind"] },
            ],
        });
        Assert.Equal("contentwritten\ntouch: /ro/deep/new: Read-only file system\ncontent", output);
        Assert.True(File.Exists(source + "/new"));
    }

    [Fact]
    public void AMountPointThatIsALinkOutOfTheRootStaysInside_CVE_2021_30465()
    {
        var outside = Directory.CreateDirectory(_bundle.Path + "/outside").FullName;
        Directory.Delete(_bundle.Rootfs + "/data");
        File.CreateSymbolicLink(_bundle.Rootfs + "/data", "../../../../../../.." + outside);
        File.CreateSymbolicLink(_bundle.Rootfs + "/absolute", outside);
        var source = Directory.CreateDirectory(_bundle.Path + "/source").FullName;
        File.WriteAllText(source + "/file", "inside");
        var output = _bundle.Sh("cat /data/file /absolute/file", c => c with
        {
            Mounts =
            [
                .. c.Mounts,
                new RuntimeMount { Destination = "/data", Type = "bind", Source = source, Options = ["bind"] },
                new RuntimeMount { Destination = "/absolute", Type = "bind", Source = source, Options = ["bind"] },
            ],
        });
        Assert.Equal("insideinside", output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.True(Directory.Exists(_bundle.Rootfs + outside), "the links' target is made inside the root");
    }

    [Fact]
    public void AWorkingDirectoryIsMadeAndMayNotBeAHostDescriptor_CVE_2024_21626()
    {
        Assert.Equal("/work/deep", _bundle.Sh("pwd", c => c with { Process = c.Process! with { Cwd = "/work/deep" } }));
        var error = Assert.Throws<Model.GantryException>(() => _bundle.Sh("pwd", c => c with { Process = c.Process! with { Cwd = "/proc/self/fd/7" } }));
        Assert.StartsWith("chdir to cwd (\"/proc/self/fd/7\") set in config.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SetsLimitsSysctlsSchedulerAndDomain()
    {
        var output = _bundle.Sh(
            "ulimit -n; ulimit -Hn; cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/domainname; cut -d' ' -f19 /proc/self/stat 2>/dev/null; ip addr show lo | grep -c '127.0.0.1'",
            c => c with
            {
                Domainname = "example",
                Process = c.Process! with { Rlimits = [new RuntimeRlimit { Type = "RLIMIT_NOFILE", Soft = 256, Hard = 512 }], Scheduler = new RuntimeScheduler { Policy = "SCHED_BATCH", Nice = 5 } },
                Linux = c.Linux! with { Sysctl = new Dictionary<string, string> { ["net.ipv4.ip_unprivileged_port_start"] = "99" } },
            });
        Assert.Equal("256\n512\n99\nexample\n5\n1", output);
    }

    [Fact]
    public void AUserNamespaceMapsIds()
    {
        var mapping = new IdMapping { ContainerID = 0, HostID = 100000, Size = 65536 };
        foreach (var path in (string[])[_bundle.Path, _bundle.Rootfs]) File.SetUnixFileMode(path, (UnixFileMode)0x1ED);
        var shared = Directory.CreateDirectory(_bundle.Path + "/shared").FullName;
        File.SetUnixFileMode(shared, (UnixFileMode)0x1FF);
        var output = _bundle.Sh("id -u; cat /proc/self/uid_map; touch /shared/made; echo x >/dev/null && echo null", c => c with
        {
            Linux = c.Linux! with { Namespaces = [.. c.Linux.Namespaces!, new LinuxNamespace { Type = "user" }], UidMappings = [mapping], GidMappings = [mapping] },
            Mounts = [.. c.Mounts, new RuntimeMount { Destination = "/shared", Type = "bind", Source = shared, Options = ["rbind"] }],
        });
        Assert.Equal("0\n         0     100000      65536\nnull", output);
        Assert.Equal(100000u, Files.Status(null, shared + "/made").Uid);
    }

    [Fact]
    public void JoinsANamespaceByPath()
    {
        var (first, _) = Hold("network");
        using (first)
        {
            var inode = File.ResolveLinkTarget($"/proc/{first.Pid}/ns/net", false)!.Name;
            var output = _bundle.Sh("readlink /proc/self/ns/net", c => c with { Linux = c.Linux! with { Namespaces = [.. c.Linux.Namespaces!.Where(n => n.Type != "network"), new LinuxNamespace { Type = "network", Path = $"/proc/{first.Pid}/ns/net" }] } });
            Assert.Equal(inode, output);
            Processes.TrySignal(first.PidFd, Processes.SIGKILL);
            Processes.Wait(first.PidFd);
        }
    }

    [Fact]
    public void ATimeNamespaceHasItsOffset()
    {
        var output = _bundle.Sh("cat /proc/uptime", c => c with { Linux = c.Linux! with { Namespaces = [.. c.Linux.Namespaces!, new LinuxNamespace { Type = "time" }], TimeOffsets = new Dictionary<string, LinuxTimeOffset> { ["boottime"] = new() { Secs = 100_000_000 } } } });
        Assert.StartsWith("10", output, StringComparison.Ordinal);
        Assert.True(output.IndexOf('.', StringComparison.Ordinal) == 9, output);
    }

    [Fact]
    public void MountsTheRootAsAnOverlayRelativeToADirectory()
    {
        var work = _bundle.Path + "/layers";
        foreach (var name in (string[])["upper", "work", "extra"]) Directory.CreateDirectory(work + "/" + name);
        File.WriteAllText(work + "/extra/greeting", "from a layer");
        Directory.Move(_bundle.Rootfs, work + "/base");
        Directory.CreateDirectory(_bundle.Rootfs);
        var (output, exit) = _bundle.Run(Bundle.Shell("cat /greeting; echo new >/written"), r => r with
        {
            RootfsMounts = [new RootfsMount { Type = "overlay", Source = "overlay", Options = ["lowerdir=extra:base", "upperdir=upper", "workdir=work"], WorkingDirectory = work }],
        });
        Assert.Equal("from a layer", output);
        Assert.Equal(0, exit.Status);
        Assert.Equal("new\n", File.ReadAllText(work + "/upper/written"));
        Assert.DoesNotContain(work, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
    }

    [Fact]
    public void ATerminalIsAPtyOfTheContainer()
    {
        var config = Bundle.Shell("tty; stty size; test -c /dev/console && echo console; ls /dev/pts");
        config = config with { Process = config.Process! with { Terminal = true, ConsoleSize = new ConsoleSize { Height = 40, Width = 90 } } };
        using var process = ContainerLauncher.Create(_bundle.Request(config));
        using var terminal = process.Terminal!;
        process.Start();
        var output = "";
        var buffer = new byte[4096];
        for (var n = Files.TryRead(terminal, buffer); n > 0; n = Files.TryRead(terminal, buffer)) output += global::System.Text.Encoding.UTF8.GetString(buffer, 0, n);
        Processes.Wait(process.PidFd);
        Assert.Equal("/dev/pts/0\n40 90\nconsole\n0\nptmx\n", global::System.Text.RegularExpressions.Regex.Replace(output.Replace("\r", "", StringComparison.Ordinal), "[ \t]+(ptmx)", "\n$1").Replace("\u001b[0;0m", "", StringComparison.Ordinal).Replace("\u001b[1;35m", "", StringComparison.Ordinal).Replace("\u001b[m", "", StringComparison.Ordinal));
    }

    [Fact]
    public void HooksRunInOrderAndReadTheState()
    {
        var log = _bundle.Path + "/hooks.log";
        RuntimeHook Hook(string name, string script = "") => new() { Path = "/bin/sh", Args = ["sh", "-c", $"cat >/dev/null; echo {name} >>{log}; {script}"], Env = ["PATH=/bin:/usr/bin"] };
        _bundle.Sh("true", c => c with { Hooks = new RuntimeHooks { Prestart = [Hook("prestart")], CreateRuntime = [Hook("createRuntime")], CreateContainer = [Hook("createContainer", "test \"$(hostname)\" = box || exit 9")] } });
        Assert.Equal("prestart\ncreateRuntime\ncreateContainer\n", File.ReadAllText(log));
        var error = Assert.Throws<Model.GantryException>(() => _bundle.Sh("true", c => c with { Hooks = new RuntimeHooks { CreateRuntime = [Hook("bad", "echo broken >&2; exit 3")] } }));
        Assert.Contains("failed with exit code 3: broken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DisposingBeforeStartEndsInit()
    {
        var (process, pidFd) = Hold("network", start: false);
        process.Dispose();
        using (pidFd)
        {
            Assert.True(Processes.WaitForEnd(pidFd, 10_000));
            Processes.Wait(pidFd);
        }
    }

    [Fact]
    public void ASeccompFilterIsEnforced()
    {
        var profile = new LinuxSeccomp { DefaultAction = "SCMP_ACT_ALLOW", Architectures = ["SCMP_ARCH_X86_64"], Syscalls = [new LinuxSyscallRule { Names = ["mkdir", "mkdirat"], Action = "SCMP_ACT_ERRNO", ErrnoRet = 13 }] };
        var config = Bundle.Shell("mkdir /tmp/x 2>&1; grep Seccomp: /proc/self/status");
        var filter = Gantry.Runtime.Confine.SeccompCompiler.Compile(profile);
        Assert.Equal("mkdir: can't create directory '/tmp/x': Permission denied\nSeccomp:\t2\n", _bundle.Run(config, r => r with { Seccomp = filter }).Output);
        config = config with { Process = config.Process! with { NoNewPrivileges = false } };
        Assert.Equal("mkdir: can't create directory '/tmp/x': Permission denied\nSeccomp:\t2\n", _bundle.Run(config, r => r with { Seccomp = filter }).Output);
    }

    private (LaunchedProcess Process, Kernel.Fds.Fd PidFd) Hold(string _, bool start = true)
    {
        var process = ContainerLauncher.Create(_bundle.Request(Bundle.Shell("sleep 60")));
        var own = Files.Duplicate(process.PidFd.Number);
        if (start) process.Start();
        return (process, own);
    }
}
