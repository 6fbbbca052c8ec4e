using System.Buffers;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Apps.GantryRuntime.Commands;

/// <summary><c>spec</c>: a config to begin with.</summary>
internal static class SpecCommand
{
    public static readonly Command Command = new(
        "write a config.json to begin with",
        "[--bundle DIR] [--rootless]",
        new(["--bundle"], ["--rootless", "--help"], new() { ["-b"] = "--bundle" }),
        Run);

    private static int Run(RuntimeContext context, ParsedOptions options)
    {
        var path = Path.Combine(CreateCommand.Bundle(options), "config.json");
        var output = new ArrayBufferWriter<byte>();
        RuntimeConfigWriter.Write(output, Default(options.Has("--rootless")), indented: true);
        output.Write("\n"u8);
        var result = Files.TryOpenAt(null, path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, 0x1B6, out var file);
        if (result == -Kernel.Abi.Errno.EEXIST) throw GantryException.Of(ErrorKind.AlreadyExists, $"File {path} exists. Remove it first");
        if (result < 0) throw new SyscallException("openat", -result, path);
        using (file) Files.WriteAll(file!, output.WrittenSpan);
        return 0;
    }

    private static RuntimeConfig Default(bool rootless)
    {
        string[] capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];
        List<LinuxNamespace> namespaces = [.. ((string[])["pid", "network", "ipc", "uts", "mount", "cgroup"]).Select(type => new LinuxNamespace { Type = type })];
        if (rootless) namespaces.Add(new LinuxNamespace { Type = "user" });
        return new RuntimeConfig
        {
            Process = new RuntimeProcess
            {
                Terminal = true,
                Args = ["sh"],
                Env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
                Capabilities = new RuntimeCapabilities { Bounding = capabilities, Effective = capabilities, Permitted = capabilities },
                Rlimits = [new RuntimeRlimit { Type = "RLIMIT_NOFILE", Hard = 1024, Soft = 1024 }],
                NoNewPrivileges = true,
            },
            Root = new RuntimeRoot { Path = "rootfs", Readonly = true },
            Hostname = "gantry",
            Mounts =
            [
                new RuntimeMount { Destination = "/proc", Type = "proc", Source = "proc" },
                new RuntimeMount { Destination = "/dev", Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "strictatime", "mode=755", "size=65536k"] },
                new RuntimeMount { Destination = "/dev/pts", Type = "devpts", Source = "devpts", Options = rootless ? ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] : ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
                new RuntimeMount { Destination = "/dev/shm", Type = "tmpfs", Source = "shm", Options = ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
                new RuntimeMount { Destination = "/dev/mqueue", Type = "mqueue", Source = "mqueue", Options = ["nosuid", "noexec", "nodev"] },
                new RuntimeMount { Destination = "/sys", Type = "sysfs", Source = "sysfs", Options = ["nosuid", "noexec", "nodev", "ro"] },
                new RuntimeMount { Destination = "/sys/fs/cgroup", Type = "cgroup", Source = "cgroup", Options = ["nosuid", "noexec", "nodev", "relatime", "ro"] },
            ],
            Linux = new LinuxConfig
            {
                UidMappings = rootless ? [new IdMapping { ContainerID = 0, HostID = Processes.EffectiveUserId, Size = 1 }] : null,
                GidMappings = rootless ? [new IdMapping { ContainerID = 0, HostID = Processes.EffectiveUserId, Size = 1 }] : null,
                Resources = new LinuxResources { Devices = [new LinuxDeviceRule { Allow = false, Access = "rwm" }] },
                Namespaces = namespaces,
                MaskedPaths =
                [
                    "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
                    "/sys/firmware", "/proc/scsi",
                ],
                ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
            },
        };
    }
}
