using Gantry.Kernel.Cgroups;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Cgroups;

public sealed class CgroupMountsTests
{
    private const string V1Mounts =
        """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:4 - cgroup cgroup rw,cpu,cpuacct
        36 31 0:33 /docker/abc /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices
        37 31 0:33 /x /mnt/other rw,relatime - cgroup cgroup rw,devices
        40 31 0:37 / /sys/fs/cgroup/system\040d rw,relatime - cgroup cgroup rw,xattr,release_agent=/lib/x,name=systemd
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """;

    private const string V1Own = "4:name=systemd:/user.slice\n3:devices:/docker/abc/inner\n2:cpu,cpuacct:/\n0::/user\n";

    [Fact]
    public void Hybrid_IsRead()
    {
        var mounts = CgroupMounts.Parse(V1Mounts, V1Own);
        Assert.Equal(CgroupLayout.Hybrid, mounts.Layout);
        Assert.Equal(3, mounts.V1.Count);
        Assert.Equal(["cpu", "cpuacct"], mounts.V1[0].Controllers);
        Assert.Equal("/sys/fs/cgroup/devices/inner", mounts.Find("devices")!.OwnDirectory);
        Assert.Equal("/sys/fs/cgroup/system d", mounts.Find("name=systemd")!.MountPoint);
        Assert.Equal("/sys/fs/cgroup/system d/user.slice", mounts.Find("name=systemd")!.OwnDirectory);
        Assert.Equal("/sys/fs/cgroup/unified", mounts.Unified!.MountPoint);
        Assert.Null(mounts.Find("memory"));
    }

    [Fact]
    public void Unified_IsRead()
    {
        var mounts = CgroupMounts.Parse("30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n50 23 0:26 /x /var/lib/c/sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/system.slice/gantry.service\n");
        Assert.Equal(CgroupLayout.V2, mounts.Layout);
        Assert.Equal("/sys/fs/cgroup/system.slice/gantry.service", mounts.Unified!.OwnDirectory);
    }

    [Fact]
    public void Nonsense_IsNoHierarchy() => Assert.Empty(CgroupMounts.Parse("x - cgroup\n - cgroup cgroup\na b c d e f - cgroup cgroup rw,memory\n", "garbage\n1:cpu\n").V1);
}
