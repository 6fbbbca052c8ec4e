namespace Gantry.Model.Images;

/// <summary>One image in the <c>manifest.json</c> of an archive that <c>docker save</c> wrote.</summary>
/// <remarks>Source: moby image/tarexport/tarexport.go.</remarks>
public sealed record ArchiveManifestEntry
{
    /// <summary>The configuration's path in the archive.</summary>
    public string? Config { get; init; }

    public IReadOnlyList<string>? RepoTags { get; init; }

    /// <summary>The layers' paths, oldest first.</summary>
    public IReadOnlyList<string>? Layers { get; init; }
}
