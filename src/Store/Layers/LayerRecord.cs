using Gantry.Model;

namespace Gantry.Store;

/// <summary>An unpacked layer.</summary>
public sealed record LayerRecord
{
    /// <summary>The digest of its uncompressed archive.</summary>
    public required Digest DiffId { get; init; }

    /// <summary>The stack it belongs to, when what is on disk depends on the layers below; null when it does not.</summary>
    public Digest? ChainId { get; init; }

    /// <summary>Its directory's name below the layers' directory: short, because mount data is.</summary>
    public required string Directory { get; init; }

    /// <summary>Bytes of all files.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>The archive it was unpacked from, as kept in the blob store.</summary>
    public required Digest Blob { get; init; }

    /// <summary>The size of its archive, for a layer that was made here: then <see cref="Blob"/> is its diff id, and is written only when somebody needs it. Null: it came as an archive.</summary>
    public long? ArchiveBytes { get; init; }

    /// <summary>When it was made here, to the millisecond; null: it came as an archive.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>
    /// When whoever made it here began, to the millisecond: files changed since then were written by it, older ones were
    /// brought along. The Unix epoch: all times are its own. Null: it came as an archive, or its times were set.
    /// </summary>
    public DateTimeOffset? Begun { get; init; }

    /// <summary>Whether the archive tells the root directory's mode and owner.</summary>
    public bool HasRoot { get; init; }
}
