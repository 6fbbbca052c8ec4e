using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Engine.Builds;

/// <summary>An image as registries and layouts have it: all of it is in the blob store.</summary>
internal sealed record ImagePackage
{
    /// <summary>The manifest, or the index of several.</summary>
    public required Descriptor Root { get; init; }

    /// <summary>Layers, configurations and statements, each once.</summary>
    public required IReadOnlyList<Descriptor> Blobs { get; init; }

    /// <summary>Manifests and the index, what is named before what names it: the last is the root.</summary>
    public required IReadOnlyList<Descriptor> Documents { get; init; }

    /// <summary>The manifests of images with their configurations, in the order of the platforms.</summary>
    public required IReadOnlyList<(Descriptor Manifest, ImageManifest Content)> Images { get; init; }

    /// <summary>The configuration's digest; null: there are several.</summary>
    public Digest? Configuration => Images is [var only] ? only.Content.Config.Digest : null;
}
