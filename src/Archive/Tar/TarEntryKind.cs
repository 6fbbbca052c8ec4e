namespace Gantry.Archive;

/// <summary>What a tar entry is.</summary>
public enum TarEntryKind
{
    File,
    HardLink,
    Symlink,
    CharacterDevice,
    BlockDevice,
    Directory,
    Fifo,
}
