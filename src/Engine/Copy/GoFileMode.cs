using Gantry.Kernel.Sys;

namespace Gantry.Engine.Copy;

/// <summary>Modes of files as Go's <c>os.FileMode</c> encodes them: the API has them so. Pure.</summary>
/// <remarks>Source: Go os/types.go, os/stat_linux.go.</remarks>
public static class GoFileMode
{
    public const uint Directory = 1u << 31;
    public const uint Symlink = 1u << 27;
    public const uint Device = 1u << 26;
    public const uint NamedPipe = 1u << 25;
    public const uint Socket = 1u << 24;
    public const uint SetUserId = 1u << 23;
    public const uint SetGroupId = 1u << 22;
    public const uint CharacterDevice = 1u << 21;
    public const uint Sticky = 1u << 20;

    /// <summary>Encodes st_mode.</summary>
    public static uint Of(uint mode)
    {
        var kind = (mode & InodeStatus.KindMask) switch
        {
            InodeStatus.KindDirectory => Directory,
            InodeStatus.KindSymlink => Symlink,
            InodeStatus.KindBlockDevice => Device,
            InodeStatus.KindCharacterDevice => Device | CharacterDevice,
            InodeStatus.KindFifo => NamedPipe,
            InodeStatus.KindSocket => Socket,
            _ => 0u,
        };
        return kind | (mode & 0x1FF) | Bit(mode, 0x800, SetUserId) | Bit(mode, 0x400, SetGroupId) | Bit(mode, 0x200, Sticky);
    }

    private static uint Bit(uint mode, uint bit, uint encoded) => (mode & bit) != 0 ? encoded : 0;
}
