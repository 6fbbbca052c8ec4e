namespace Gantry.Archive;

/// <summary>How an archive is unpacked into a tree that exists.</summary>
public sealed record ExtractionOptions
{
    /// <summary>Refuse to replace a directory by something else, or something else by a directory; otherwise it is replaced.</summary>
    public bool KeepDirectories { get; init; }

    /// <summary>Whether files get the owners that the archive names; otherwise they belong to this process's user.</summary>
    public bool WithOwners { get; init; } = true;

    /// <summary>Everything's owner instead of the archive's; null: as <see cref="WithOwners"/> says.</summary>
    public (uint Uid, uint Gid)? Owner { get; init; }

    /// <summary>How owners are numbered in the tree.</summary>
    public OwnerView Owners { get; init; } = OwnerView.Plain;

    /// <summary>Called with an entry before it is unpacked; it may be changed.</summary>
    public Action<TarEntry>? Rewrite { get; init; }
}
