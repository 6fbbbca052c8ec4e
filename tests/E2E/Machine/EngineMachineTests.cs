using Gantry.Tests.Support;
using Gantry.Tests.Support.Machine;
using Xunit;

namespace Gantry.Tests.E2E.Machine;

/// <summary>
/// The whole of Gantry on a host as Debian installs it: its own kernel, cgroup version 2, modules loaded when they are asked
/// for. The machine that runs the other tests may have none of these.
/// </summary>
public sealed class EngineMachineTests
{
    [Fact]
    public async Task TheEngineRunsLimitsPublishesAndSurvivesOnCgroupVersion2()
    {
        Assert.SkipUnless(VirtualMachine.CanRun, "the virtual machine is an x86-64 one, for programs of this machine");
        var libraries = "/usr/lib/x86_64-linux-gnu/";
        var (ext4, xfs) = (Path.GetTempFileName(), Path.GetTempFileName());
        (await Command.RunAsync("/usr/sbin/mke2fs", ["-q", "-t", "ext4", "-O", "quota,project,^has_journal", "-E", "quotatype=prjquota", ext4, "40M"])).Succeeded();
        // One so small is meant for tests alone, says the option; the machine's disks are its memory.
        (await Command.RunAsync("/usr/sbin/mkfs.xfs", ["-q", "-f", "--unsupported", "-d", $"size=48m,file,name={xfs}"])).Succeeded();
        var machine = await VirtualMachine.RunAsync(
            "tests/E2E/Machine/steps.sh",
            ["gantry", "gantryd", "gantry-runtime", "gantry-init", "hello", "libe_sqlite3.so"],
            [libraries + "libnftables.so.1", libraries + "libssl.so.3", libraries + "libcrypto.so.3"],
            ["sh", "cat", "mkdir", "nproc", "sleep", "dd", "df", "ls", "id", "httpd", "wget"],
            root =>
            {
                File.Move(ext4, root + "/quota.ext4");
                File.Move(xfs, root + "/quota.xfs");
            });

        Check("info", "2 cgroupfs\n");
        Check("run", "0::/\n0\nexit 7\n");
        Check(
            "limits",
            """
            memory.max=67108864
            memory.swap.max=33554432
            memory.low=33554432
            cpu.max=50000 100000
            cpu.weight=59
            cpuset.cpus=1
            pids.max=40
            io.weight=default 4950
            io.max=1:0 rbps=1048576 wbps=max riops=max wiops=50

            """);
        Check("inside", "67108864\n1\nread\nsh: can't create /dev/disk: Operation not permitted\n");
        Check("oom", "exit 137\ntrue\n");
        Check("published", "served\nserved\n");
        Check("crash", "limits running\nweb running\nserved\n");
        Check("removed", "web\nlimits\noom\n");
        Check("left", "");
        Check("quota ext4", "4096\nDisk quota exceeded\nno limit for others\nfull\n");
        Check("quota xfs", "4096\nNo space left on device\nno limit for others\nfull\n"); // which word xfs has for it

        void Check(string section, string expected) =>
            Assert.True(machine[section] == expected, $"{section}: not\n{expected}\n--- but\n{machine[section]}\n--- the machine said\n{machine.Console}");
    }
}
