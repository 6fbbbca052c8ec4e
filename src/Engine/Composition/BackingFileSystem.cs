using Gantry.Kernel.Sys;

namespace Gantry.Engine.Composition;

/// <summary>What the data root lies on, as <c>info</c> calls it.</summary>
internal static class BackingFileSystem
{
    /// <summary>The file system's name in Docker's words; <c>&lt;unknown&gt;</c> where it has none.</summary>
    /// <remarks>Source: moby daemon/graphdriver/driver_linux.go FsNames; the numbers are uapi/linux/magic.h's, and btrfs', xfs' and zfs' own.</remarks>
    public static string NameOf(string directory)
    {
        using var root = Files.Open(directory, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        return Files.FileSystemType(root) switch
        {
            0xEF53 => "extfs",
            0x9123683E => "btrfs",
            0x58465342 => "xfs",
            0x01021994 => "tmpfs",
            0x794C7630 => "overlayfs",
            0x2FC12FC1 => "zfs",
            0xF2F52010 => "f2fs",
            0x65735546 => "fuse",
            0x6969 => "nfs",
            0xFF534D42 => "cifs",
            0x3153464A => "jfs",
            0x858458F6 => "ramfs",
            0x73717368 => "squashfs",
            _ => "<unknown>",
        };
    }
}
