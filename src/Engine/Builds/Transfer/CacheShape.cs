using Gantry.Build;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Engine.Builds;

/// <summary>How a cache is written.</summary>
/// <param name="Layers">How its layers are compressed: by zstd, unless somebody says otherwise.</param>
/// <param name="WithMounts">Take along what the steps' cache mounts hold.</param>
/// <param name="IsImage">Whether its manifest looks like an image's, which more registries take.</param>
internal sealed record CacheShape(ExportOptions Layers, bool WithMounts, bool IsImage)
{
    /// <summary>Whether its manifests have OCI's media types.</summary>
    public bool IsOci => Layers.OciTypes != false;

    /// <summary>Reads what is wanted.</summary>
    /// <remarks>Source: buildkit README, "Export cache"; cache/remotecache/export.go.</remarks>
    /// <exception cref="GantryException">Invalid: a value makes no sense.</exception>
    public static CacheShape Read(CacheSpec cache)
    {
        var layers = ExportOptions.Read(cache.Attributes);
        var image = ExportOptions.Flag(cache.Attributes, "image-manifest");
        if (image == true && layers.OciTypes == false)
            throw GantryException.Of(ErrorKind.Invalid, "invalid configuration for remote cache: OCI mediatypes are required for image-manifest cache format");
        return new(layers with { Compression = layers.Compression ?? LayerCompression.Zstd }, cache.Has("mounts"), image ?? (layers.OciTypes != false));
    }
}
