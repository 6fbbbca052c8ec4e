namespace Gantry.Kernel.Sys;

/// <summary>What statx(2) says of a file.</summary>
public readonly record struct FileStatus
{
    /// <summary>Type and permission bits.</summary>
    public uint Mode { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public uint LinkCount { get; init; }

    public ulong Inode { get; init; }

    /// <summary>Bytes.</summary>
    public ulong Size { get; init; }

    /// <summary>The device that a device node stands for.</summary>
    public uint RdevMajor { get; init; }

    public uint RdevMinor { get; init; }

    /// <summary>The device that holds the file.</summary>
    public uint DevMajor { get; init; }

    public uint DevMinor { get; init; }

    /// <summary>The file is the root of a mount (STATX_ATTR_MOUNT_ROOT, kernel 5.8).</summary>
    public bool IsMountRoot { get; init; }

    public ulong MountId { get; init; }

    public bool IsDirectory => (Mode & FileModes.S_IFMT) == FileModes.S_IFDIR;

    public bool IsRegular => (Mode & FileModes.S_IFMT) == FileModes.S_IFREG;

    public bool IsSymlink => (Mode & FileModes.S_IFMT) == FileModes.S_IFLNK;

    public bool IsCharDevice => (Mode & FileModes.S_IFMT) == FileModes.S_IFCHR;

    public bool IsSocket => (Mode & FileModes.S_IFMT) == FileModes.S_IFSOCK;
}
