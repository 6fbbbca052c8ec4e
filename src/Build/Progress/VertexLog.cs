using Gantry.Model;

namespace Gantry.Build;

/// <summary>Output of a step.</summary>
public sealed record VertexLog
{
    public required Digest Vertex { get; init; }

    /// <summary>1: standard output, 2: standard error.</summary>
    public required int Stream { get; init; }

    /// <summary>As it was written: any bytes, cut anywhere.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    public required DateTimeOffset Time { get; init; }
}
