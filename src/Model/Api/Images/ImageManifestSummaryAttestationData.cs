namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ImageManifestSummaryAttestationData</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ImageManifestSummaryAttestationData.</remarks>
public sealed record ImageManifestSummaryAttestationData
{
    public string? For { get; init; }
}
