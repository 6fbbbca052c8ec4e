namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ImageManifestSummaryImageDataSize</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ImageManifestSummaryImageDataSize.</remarks>
public sealed record ImageManifestSummaryImageDataSize
{
    public long? Unpacked { get; init; }
}
