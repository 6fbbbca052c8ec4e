namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ImageManifestSummarySize</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ImageManifestSummarySize.</remarks>
public sealed record ImageManifestSummarySize
{
    public long? Total { get; init; }

    public long? Content { get; init; }
}
