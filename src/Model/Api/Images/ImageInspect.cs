namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ImageInspect</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ImageInspect.</remarks>
public sealed record ImageInspect
{
    public string? Id { get; init; }

    public OCIDescriptor? Descriptor { get; init; }

    public IReadOnlyList<ImageManifestSummary>? Manifests { get; init; }

    public IReadOnlyList<string>? RepoTags { get; init; }

    public IReadOnlyList<string>? RepoDigests { get; init; }

    /// <summary>The image that it was made on here; gone from the newest versions, and left out there.</summary>
    public string? Parent { get; init; }

    public string? Comment { get; init; }

    public string? Created { get; init; }

    public string? Author { get; init; }

    public ImageConfig? Config { get; init; }

    public string? Architecture { get; init; }

    public string? Variant { get; init; }

    public string? Os { get; init; }

    public string? OsVersion { get; init; }

    public long? Size { get; init; }

    public DriverData? GraphDriver { get; init; }

    public ImageInspectRootFS? RootFS { get; init; }

    public ImageInspectMetadata? Metadata { get; init; }
}
