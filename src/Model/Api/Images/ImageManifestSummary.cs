namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ImageManifestSummary</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ImageManifestSummary.</remarks>
public sealed record ImageManifestSummary
{
    public string? ID { get; init; }

    public OCIDescriptor? Descriptor { get; init; }

    public bool? Available { get; init; }

    public ImageManifestSummarySize? Size { get; init; }

    public string? Kind { get; init; }

    public ImageManifestSummaryImageData? ImageData { get; init; }

    public ImageManifestSummaryAttestationData? AttestationData { get; init; }
}
