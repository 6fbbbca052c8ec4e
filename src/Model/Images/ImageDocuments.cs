using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gantry.Model.Images;

/// <summary>Reads and writes the JSON documents of images. What is read comes from strangers: depth and size are bounded.</summary>
public static class ImageDocuments
{
    /// <summary>The most bytes of a manifest or index. Registries must take 4 MiB.</summary>
    public const int LargestManifest = 4 << 20;

    /// <summary>The most bytes of a configuration.</summary>
    public const int LargestConfiguration = 8 << 20;

    // Far above what images have; each layer costs a download, a directory and a lowerdir.
    private const int MostManifests = 1000;

    /// <summary>The most layers that overlayfs can stack, with one for the container's files and one to write.</summary>
    public const int MostLayers = 125;

    /// <summary>Parses a manifest.</summary>
    /// <exception cref="GantryException">Invalid: not a manifest, or beyond the limits.</exception>
    public static ImageManifest ReadManifest(ReadOnlySpan<byte> json)
    {
        var manifest = Read(json, LargestManifest, "manifest", ImageJsonContext.Default.ImageManifest);
        if (manifest.SchemaVersion != 2)
            throw Malformed("manifest", $"schema version {manifest.SchemaVersion} is not supported, only 2 is");
        // NOTE: a member that the document lacks is null, whatever the type promises.
        if (manifest.Layers is null)
            throw Malformed("manifest", "it has no list of layers");
        if (manifest.Layers.Count > MostLayers)
            throw Malformed("manifest", $"{manifest.Layers.Count} layers are more than the {MostLayers} that can be stacked");
        if (manifest.Layers.Append(manifest.Config).Any(d => d is null || d.Size < 0))
            throw Malformed("manifest", "a descriptor has no size or a negative one");
        return manifest;
    }

    /// <summary>Parses an index or manifest list.</summary>
    /// <exception cref="GantryException">Invalid: not an index, or beyond the limits.</exception>
    public static ImageIndex ReadIndex(ReadOnlySpan<byte> json)
    {
        var index = Read(json, LargestManifest, "index", ImageJsonContext.Default.ImageIndex);
        if (index.Manifests is null)
            throw Malformed("index", "it has no list of manifests");
        if (index.Manifests.Count > MostManifests)
            throw Malformed("index", $"{index.Manifests.Count} manifests are more than the {MostManifests} allowed");
        if (index.Manifests.Any(d => d is null || d.Size < 0))
            throw Malformed("index", "a descriptor has no size or a negative one");
        return index;
    }

    /// <summary>Parses a configuration.</summary>
    /// <exception cref="GantryException">Invalid: not a configuration, or beyond the limits.</exception>
    public static ImageConfiguration ReadConfiguration(ReadOnlySpan<byte> json)
    {
        var configuration = Read(json, LargestConfiguration, "configuration", ImageJsonContext.Default.ImageConfiguration);
        if (configuration.RootFs is not { Type: "layers" })
            throw Malformed("configuration", "rootfs is not of type \"layers\"");
        if (configuration.RootFs.DiffIds is null || configuration.RootFs.DiffIds.Count > MostLayers)
            throw Malformed("configuration", $"it must have at most {MostLayers} layers");
        return configuration;
    }

    public static void Write(IBufferWriter<byte> output, ImageManifest manifest) => Write(output, manifest, ImageJsonContext.Default.ImageManifest);

    public static void Write(IBufferWriter<byte> output, ImageIndex index) => Write(output, index, ImageJsonContext.Default.ImageIndex);

    public static void Write(IBufferWriter<byte> output, ImageConfiguration configuration) => Write(output, configuration, ImageJsonContext.Default.ImageConfiguration);

    /// <summary>Writes the <c>manifest.json</c> of an archive.</summary>
    public static void Write(IBufferWriter<byte> output, IReadOnlyList<ArchiveManifestEntry> list) => Write(output, list, ImageJsonContext.Default.IReadOnlyListArchiveManifestEntry);

    private static T Read<T>(ReadOnlySpan<byte> json, int limit, string what, JsonTypeInfo<T> type)
    {
        if (json.Length > limit)
            throw Malformed(what, $"{json.Length} bytes are more than the {limit} allowed");
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw Malformed(what, "it is null");
        }
        catch (JsonException e)
        {
            throw Malformed(what, e.Message, e);
        }
    }

    private static void Write<T>(IBufferWriter<byte> output, T value, JsonTypeInfo<T> type)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        JsonSerializer.Serialize(writer, value, type);
    }

    private static GantryException Malformed(string what, string why, Exception? cause = null) =>
        GantryException.Of(ErrorKind.Invalid, $"the image's {what} cannot be used: {why}", cause: cause);
}
