using System.Runtime.InteropServices;

namespace Gantry.Kernel.Sys;

/// <summary>What statx(2) tells of a file.</summary>
/// <remarks>Source: uapi/linux/stat.h, struct statx, 256 bytes since Linux 4.11.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 256)]
public readonly struct InodeStatus
{
    /// <summary>The bits of <see cref="Mode"/> that tell the kind of file.</summary>
    public const uint KindMask = 0xF000;
    public const uint KindFifo = 0x1000;
    public const uint KindCharacterDevice = 0x2000;
    public const uint KindDirectory = 0x4000;
    public const uint KindBlockDevice = 0x6000;
    public const uint KindRegular = 0x8000;
    public const uint KindSymlink = 0xA000;
    public const uint KindSocket = 0xC000;

    [FieldOffset(8)]
    private readonly ulong _attributes;
    [FieldOffset(16)]
    private readonly uint _links;
    [FieldOffset(20)]
    private readonly uint _uid;
    [FieldOffset(24)]
    private readonly uint _gid;
    [FieldOffset(28)]
    private readonly ushort _mode;
    [FieldOffset(32)]
    private readonly ulong _inode;
    [FieldOffset(40)]
    private readonly ulong _size;
    [FieldOffset(48)]
    private readonly ulong _blocks;
    [FieldOffset(64)]
    private readonly FileTime _accessed;
    [FieldOffset(96)]
    private readonly FileTime _changed;
    [FieldOffset(112)]
    private readonly FileTime _modified;
    [FieldOffset(128)]
    private readonly uint _rdevMajor;
    [FieldOffset(132)]
    private readonly uint _rdevMinor;
    [FieldOffset(136)]
    private readonly uint _devMajor;
    [FieldOffset(140)]
    private readonly uint _devMinor;
    [FieldOffset(144)]
    private readonly ulong _mount;

    public uint Links => _links;

    public uint Uid => _uid;

    public uint Gid => _gid;

    /// <summary>Kind and permissions.</summary>
    public uint Mode => _mode;

    public uint Kind => _mode & KindMask;

    /// <summary>Permissions with set-id and sticky bits.</summary>
    public uint Permissions => _mode & 0xFFFu;

    public ulong Inode => _inode;

    /// <summary>Bytes.</summary>
    public long Size => (long)_size;

    /// <summary>Allocated, in bytes.</summary>
    public long AllocatedBytes => (long)_blocks * 512;

    public FileTime Accessed => new(_accessed.Seconds, _accessed.Nanoseconds & 0xFFFFFFFF);

    /// <summary>When anything of it changed last; nobody can set it.</summary>
    public FileTime Changed => new(_changed.Seconds, _changed.Nanoseconds & 0xFFFFFFFF);

    public FileTime Modified => new(_modified.Seconds, _modified.Nanoseconds & 0xFFFFFFFF);

    /// <summary>A device file's numbers.</summary>
    public (uint Major, uint Minor) Device => (_rdevMajor, _rdevMinor);

    /// <summary>The number of the mount that it was reached by; 0 before Linux 5.8.</summary>
    public ulong Mount => _mount;

    /// <summary>The filesystem that the file is on.</summary>
    public (uint Major, uint Minor) FileSystem => (_devMajor, _devMinor);

    /// <summary>Whether something is mounted there (STATX_ATTR_MOUNT_ROOT, Linux 5.8).</summary>
    public bool IsMountRoot => (_attributes & 0x2000) != 0;

    public bool IsDirectory => Kind == KindDirectory;

    public bool IsSymlink => Kind == KindSymlink;

    public bool IsRegular => Kind == KindRegular;

    /// <summary>Overlayfs's mark for "not here any more": a character device 0:0.</summary>
    public bool IsWhiteout => Kind == KindCharacterDevice && _rdevMajor == 0 && _rdevMinor == 0;
}
