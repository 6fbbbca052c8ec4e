using Gantry.Model;

namespace Gantry.Distribution;

/// <summary>A manifest or index as a registry gave it, verified against its digest.</summary>
public sealed record FetchedManifest
{
    public required string MediaType { get; init; }

    public required Digest Digest { get; init; }

    /// <summary>The exact bytes.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Whether it is a list of manifests.</summary>
    public bool IsIndex { get; init; }
}
