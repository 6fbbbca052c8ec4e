using System.Diagnostics;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model.Oci;
using Gantry.Runtime;

namespace Gantry.Tests.System.Runtime;

/// <summary>A bundle with a busybox root filesystem, and a short way to run a shell script in it.</summary>
public sealed class Bundle : IDisposable
{
    private static int s_count;

    public Bundle()
    {
        Path = global::System.IO.Path.Combine("/tmp", $"gantry-runtime-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}");
        foreach (var directory in (string[])["bin", "dev", "proc", "sys", "tmp", "etc", "run", "data"]) Directory.CreateDirectory(Rootfs + "/" + directory);
        File.Copy("/bin/busybox", Rootfs + "/bin/busybox");
        foreach (var applet in (string[])["sh", "true", "cat", "ls", "id", "mount", "stat", "sleep", "hostname", "tty", "echo", "readlink", "env", "pwd", "grep", "ps", "dd", "kill", "umount", "touch", "mkdir", "nproc", "ulimit", "ip", "date", "wc", "stty", "false", "test"])
        {
            if (applet != "ulimit") File.CreateSymbolicLink(Rootfs + "/bin/" + applet, "busybox");
        }

        File.WriteAllText(Rootfs + "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n");
    }

    public string Path { get; }

    public string Rootfs => Path + "/rootfs";

    public static string[] DefaultCapabilities { get; } =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    public static RuntimeMount[] DefaultMounts { get; } =
    [
        new() { Destination = "/proc", Type = "proc", Source = "proc", Options = ["nosuid", "noexec", "nodev"] },
        new() { Destination = "/dev", Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "strictatime", "mode=755", "size=65536k"] },
        new() { Destination = "/dev/pts", Type = "devpts", Source = "devpts", Options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
        new() { Destination = "/sys", Type = "sysfs", Source = "sysfs", Options = ["nosuid", "noexec", "nodev", "ro"] },
        new() { Destination = "/sys/fs/cgroup", Type = "cgroup", Source = "cgroup", Options = ["ro", "nosuid", "noexec", "nodev"] },
        new() { Destination = "/dev/mqueue", Type = "mqueue", Source = "mqueue", Options = ["nosuid", "noexec", "nodev"] },
        new() { Destination = "/dev/shm", Type = "tmpfs", Source = "shm", Options = ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
    ];

    /// <summary>A config as Docker would make it, running a shell script.</summary>
    public static RuntimeConfig Shell(string script) => new()
    {
        Root = new RuntimeRoot { Path = "rootfs" },
        Hostname = "box",
        Process = new RuntimeProcess
        {
            Args = ["/bin/sh", "-c", script],
            Env = ["PATH=/bin:/usr/bin"],
            Cwd = "/",
            NoNewPrivileges = true,
            Capabilities = new RuntimeCapabilities { Bounding = DefaultCapabilities, Effective = DefaultCapabilities, Permitted = DefaultCapabilities },
        },
        Mounts = DefaultMounts,
        Linux = new LinuxConfig
        {
            Namespaces = [.. ((string[])["pid", "network", "ipc", "uts", "mount", "cgroup"]).Select(t => new LinuxNamespace { Type = t })],
            MaskedPaths = ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/acpi", "/proc/scsi", "/sys/firmware", "/proc/interrupts"],
            ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    };

    public LaunchRequest Request(RuntimeConfig config, StdioFds? stdio = null) => new()
    {
        Id = global::System.IO.Path.GetFileName(Path),
        Config = config,
        BundlePath = Path,
        Stdio = stdio ?? StdioFds.Inherit,
    };

    /// <summary>Runs to the end; what was written to standard output and error, and how it ended.</summary>
    public (string Output, ProcessExit Exit) Run(RuntimeConfig config, Func<LaunchRequest, LaunchRequest>? change = null)
    {
        var (read, write) = Files.Pipe();
        using var input = Files.Open("/dev/null", OpenFlags.O_RDONLY);
        using (read)
        {
            LaunchedProcess process;
            using (write)
            {
                var request = Request(config, new StdioFds(input, write, write));
                process = ContainerLauncher.Create(change?.Invoke(request) ?? request);
                try
                {
                    process.Start();
                }
                catch
                {
                    process.Dispose();
                    throw;
                }
            }

            using (process)
            {
                var output = global::System.Text.Encoding.UTF8.GetString(Files.ReadToEnd(read));
                return (output, Processes.Wait(process.PidFd));
            }
        }
    }

    /// <summary>Runs a shell script to its end.</summary>
    public string Sh(string script, Func<RuntimeConfig, RuntimeConfig>? change = null)
    {
        var config = Shell(script);
        return Run(change?.Invoke(config) ?? config).Output.TrimEnd('\n');
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
