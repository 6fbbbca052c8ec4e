using Gantry.Kernel.Sys;

namespace Gantry.Archive;

/// <summary>One file of a tree that another one is to be like.</summary>
public sealed record MirrorEntry
{
    private static readonly Dictionary<string, byte[]> s_none = [];

    /// <summary>Relative, components joined by one slash. Not trusted.</summary>
    public required string Path { get; init; }

    /// <summary>One of <see cref="InodeStatus"/>'s kinds.</summary>
    public required uint Kind { get; init; }

    /// <summary>With set-id and sticky bits.</summary>
    public uint Permissions { get; init; }

    /// <summary>Bytes of a regular file's content.</summary>
    public long Size { get; init; }

    public FileTime Modified { get; init; }

    /// <summary>A symbolic link's target; of a regular file, the path of an earlier entry that is the same file. Empty: neither.</summary>
    public string LinkName { get; init; } = "";

    public IReadOnlyDictionary<string, byte[]> Xattrs { get; init; } = s_none;
}
