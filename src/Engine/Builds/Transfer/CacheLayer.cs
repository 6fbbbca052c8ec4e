using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>One layer of a cache outside the engine.</summary>
internal sealed record CacheLayer
{
    /// <summary>Its archive as it is kept there.</summary>
    public required Digest Blob { get; init; }

    public required string MediaType { get; init; }

    /// <summary>What the uncompressed archive must hash to.</summary>
    public required Digest DiffId { get; init; }

    /// <summary>Bytes of <see cref="Blob"/>.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>As <see cref="Store.LayerRecord.Created"/>.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>As <see cref="Store.LayerRecord.Begun"/>.</summary>
    public DateTimeOffset? Begun { get; init; }
}
