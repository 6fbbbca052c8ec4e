using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Engine.Images;

/// <summary>An image that a name or id stands for.</summary>
public sealed record ResolvedImage
{
    /// <summary>The digest of its configuration.</summary>
    public required Digest Id { get; init; }

    public required ImageConfiguration Configuration { get; init; }

    /// <summary>The manifest's digest, media type and size, when the image has one.</summary>
    public Descriptor? Manifest { get; init; }

    /// <summary>The name that it was found by; null when by id.</summary>
    public ImageReference? Reference { get; init; }

    /// <summary>Its layers, oldest first.</summary>
    public IReadOnlyList<Digest> DiffIds => Configuration.RootFs.DiffIds;
}
