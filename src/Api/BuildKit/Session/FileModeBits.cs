using Gantry.Api.BuildKit.Wire.Files;
using Gantry.Build;
using Gantry.Kernel.Sys;

namespace Gantry.Api.BuildKit.Session;

/// <summary>The bits of Go's os.FileMode, which travel in place of Linux's.</summary>
internal static class FileModeBits
{
    private const uint Directory = 1u << 31;
    private const uint Symlink = 1u << 27;
    private const uint Device = 1u << 26;
    private const uint NamedPipe = 1u << 25;
    private const uint Socket = 1u << 24;
    private const uint SetUid = 1u << 23;
    private const uint SetGid = 1u << 22;
    private const uint CharacterDevice = 1u << 21;
    private const uint Sticky = 1u << 20;
    private const uint Irregular = 1u << 19;
    private const uint Kinds = Directory | Symlink | Device | NamedPipe | Socket | CharacterDevice | Irregular;

    /// <summary>Whether the sender can be asked for content: no bit of a kind is set.</summary>
    public static bool HasContent(uint mode) => (mode & Kinds) == 0;

    /// <summary>One of <see cref="InodeStatus"/>'s kinds; 0: none that Linux has.</summary>
    public static uint KindOf(uint mode) => (mode & Kinds) switch
    {
        0 => InodeStatus.KindRegular,
        Directory => InodeStatus.KindDirectory,
        Symlink => InodeStatus.KindSymlink,
        NamedPipe => InodeStatus.KindFifo,
        Socket => InodeStatus.KindSocket,
        Device => InodeStatus.KindBlockDevice,
        Device | CharacterDevice => InodeStatus.KindCharacterDevice,
        _ => 0,
    };

    /// <summary>Permissions with set-id and sticky bits, as Linux has them.</summary>
    public static uint PermissionsOf(uint mode) =>
        (mode & 0x1FF) | ((mode & SetUid) != 0 ? 0x800u : 0) | ((mode & SetGid) != 0 ? 0x400u : 0) | ((mode & Sticky) != 0 ? 0x200u : 0);

    /// <summary>A file of a result, as clients are told of it.</summary>
    public static Stat StatOf(ResultFile file) => new()
    {
        Path = file.Path,
        Mode = Of(file.Mode & InodeStatus.KindMask, file.Mode & 0xFFF),
        Uid = file.Uid,
        Gid = file.Gid,
        Size = file.Size,
        ModTime = file.ModifiedNanoseconds,
        Linkname = file.LinkTarget,
    };

    /// <summary>The bits for a kind and permissions of Linux.</summary>
    public static uint Of(uint kind, uint permissions)
    {
        var bits = kind switch
        {
            InodeStatus.KindDirectory => Directory,
            InodeStatus.KindSymlink => Symlink,
            InodeStatus.KindFifo => NamedPipe,
            InodeStatus.KindSocket => Socket,
            InodeStatus.KindBlockDevice => Device,
            InodeStatus.KindCharacterDevice => Device | CharacterDevice,
            _ => 0u,
        };
        return bits | (permissions & 0x1FF) | ((permissions & 0x800) != 0 ? SetUid : 0) | ((permissions & 0x400) != 0 ? SetGid : 0) | ((permissions & 0x200) != 0 ? Sticky : 0);
    }
}
