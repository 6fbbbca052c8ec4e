namespace Gantry.Build;

/// <summary>What an annotation is written on.</summary>
/// <remarks>Source: buildkit exporter/containerimage/exptypes, annotation types.</remarks>
public enum AnnotationLevel
{
    /// <summary>An image's manifest.</summary>
    Manifest,

    /// <summary>What an index or a layout says of an image's manifest.</summary>
    ManifestDescriptor,

    /// <summary>The index of an image with several platforms.</summary>
    Index,

    /// <summary>What a layout says of the index.</summary>
    IndexDescriptor,
}
