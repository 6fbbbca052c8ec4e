using System.Runtime.InteropServices;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>
/// Limits of a directory's size: files in it belong to a project, and the file system counts what projects take. ext4 and
/// xfs can do it. Sources: quotactl(2), ioctl_fsgetxattr(2), uapi/linux/{fs,quota,dqblk_xfs}.h.
/// </summary>
public static unsafe partial class ProjectQuotas
{
    private const int QuotactlFd = 443;
    private const int PRJQUOTA = 2;
    private const uint Q_SETQUOTA = 0x800008;
    private const uint Q_XGETQSTATV = 0x5808;
    private const int FS_QUOTA_PDQ_ENFD = 1 << 5;
    private const uint QIF_BLIMITS = 1;
    private const ulong BlockBytes = 1024; // QIF_DQBLKSIZE
    private const nuint FS_IOC_FSGETXATTR = 0x801C581F;
    private const nuint FS_IOC_FSSETXATTR = 0x401C5820;
    private const uint FS_XFLAG_PROJINHERIT = 0x200;

    /// <summary>Whether the file system of an open directory keeps the limits of projects.</summary>
    public static bool AreKept(Fd directory)
    {
        var status = stackalloc byte[256]; // struct fs_quota_statv, 160: version, pad, flags
        new Span<byte>(status, 256).Clear();
        status[0] = 1;
        return Quota(directory, Q_XGETQSTATV, 0, status) == 0 && (*(ushort*)(status + 2) & FS_QUOTA_PDQ_ENFD) != 0;
    }

    /// <summary>The project of an open file or directory; 0: none.</summary>
    public static uint ProjectOf(Fd file)
    {
        var attributes = stackalloc uint[7]; // struct fsxattr: xflags, extsize, nextents, projid, cowextsize, pad
        return ioctl(file, FS_IOC_FSGETXATTR, attributes) == 0 ? attributes[3] : 0;
    }

    /// <summary>Gives an open, empty directory to a project: what is made in it belongs to that.</summary>
    /// <exception cref="SyscallException">The file system refuses.</exception>
    public static void Assign(Fd directory, uint project)
    {
        var attributes = stackalloc uint[7];
        if (ioctl(directory, FS_IOC_FSGETXATTR, attributes) == 0)
        {
            attributes[0] |= FS_XFLAG_PROJINHERIT;
            attributes[3] = project;
            if (ioctl(directory, FS_IOC_FSSETXATTR, attributes) == 0)
                return;
        }

        throw new SyscallException("ioctl(FS_IOC_FSSETXATTR)", Marshal.GetLastPInvokeError(), $"project {project}");
    }

    /// <summary>Limits what a project may take.</summary>
    /// <param name="directory">Any directory of the file system.</param>
    /// <param name="project">The project.</param>
    /// <param name="bytes">At most; rounded up to a KiB. 0: no limit.</param>
    /// <exception cref="SyscallException">The file system refuses.</exception>
    public static void Limit(Fd directory, uint project, long bytes)
    {
        var limits = stackalloc ulong[9]; // struct if_dqblk: block limits hard and soft, space, inode limits and count, times, what is valid
        new Span<ulong>(limits, 9).Clear();
        limits[0] = limits[1] = ((ulong)bytes + BlockBytes - 1) / BlockBytes;
        *(uint*)(limits + 8) = QIF_BLIMITS;
        if (Quota(directory, Q_SETQUOTA, project, limits) != 0)
            throw new SyscallException("quotactl_fd(Q_SETQUOTA)", Marshal.GetLastPInvokeError(), $"project {project}");
    }

    private static nint Quota(Fd directory, uint command, uint id, void* argument) =>
        syscall(QuotactlFd, directory.Number, (nint)((command << 8) | PRJQUOTA), (nint)id, (nint)argument, 0, 0);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(Fd file, nuint request, uint* argument);
}
