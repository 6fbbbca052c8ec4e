using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Store;

/// <summary>A local image and its names.</summary>
public sealed record ImageRecord
{
    /// <summary>The digest of its configuration.</summary>
    public required Digest Id { get; init; }

    /// <summary>Its manifest, as pulled or as made here.</summary>
    public required Descriptor Manifest { get; init; }

    /// <summary>The image that it was made on here, by a commit or a build; null for one that came whole, and once that image is gone.</summary>
    public Digest? Parent { get; init; }

    /// <summary>Bytes of all files in its layers.</summary>
    public long SizeBytes { get; init; }

    /// <summary>When the image was made, as its configuration says, in seconds since 1970; 0 when it does not.</summary>
    public long CreatedSeconds { get; init; }

    /// <summary>When a name was last given to it here.</summary>
    public DateTimeOffset? LastTagged { get; init; }

    /// <summary>Names with tags, sorted.</summary>
    public IReadOnlyList<ImageReference> Tags { get; init; } = [];

    /// <summary>Names with digests: where it was pulled from, sorted.</summary>
    public IReadOnlyList<ImageReference> Digests { get; init; } = [];
}
