using Gantry.Model;

namespace Gantry.Build;

/// <summary>How far a part of a vertex's work is: a layer, a transfer.</summary>
public sealed record VertexStatus
{
    public required Digest Vertex { get; init; }

    /// <summary>Which part; a later status with the same replaces it.</summary>
    public required string Id { get; init; }

    /// <summary>Bytes, or what the part counts.</summary>
    public long Current { get; init; }

    /// <summary>0: not known.</summary>
    public long Total { get; init; }

    public required DateTimeOffset Time { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Completed { get; init; }
}
