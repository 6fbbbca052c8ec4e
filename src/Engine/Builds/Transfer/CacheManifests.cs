using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Engine.Builds;

/// <summary>The manifests that caches are kept under in registries and directories.</summary>
/// <remarks>
/// Two shapes are in use: an image's manifest whose configuration is the cache's document, and an index that lists the layers
/// and the document. Source: BuildKit cache/remotecache/export.go, image-manifest.
/// </remarks>
internal static class CacheManifests
{
    /// <summary>Finds the cache's document; null: it is the manifest of something else.</summary>
    /// <exception cref="GantryException">Invalid: it is no manifest.</exception>
    public static Descriptor? FindConfig(ReadOnlyMemory<byte> manifest)
    {
        try
        {
            using var document = JsonDocument.Parse(manifest, new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement;
            if (root.TryGetProperty("config", out var config))
                return Find(config);
            return root.TryGetProperty("manifests", out var manifests) ? manifests.EnumerateArray().Select(Find).FirstOrDefault(static found => found is not null) : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"the cache's manifest cannot be used: {malformed.Message}", cause: malformed);
        }
    }

    /// <summary>Makes the manifest of a cache.</summary>
    public static (string MediaType, byte[] Content) Write(Descriptor config, IReadOnlyList<Descriptor> layers, CacheShape shape)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var type = shape.IsImage ? MediaTypes.OciManifest : shape.IsOci ? MediaTypes.OciIndex : MediaTypes.DockerManifestList;
        if (shape.IsImage)
            ImageDocuments.Write(buffer, new ImageManifest { MediaType = type, Config = config, Layers = layers });
        else
            ImageDocuments.Write(buffer, new ImageIndex { MediaType = type, Manifests = [.. layers, config] });
        return (type, buffer.WrittenSpan.ToArray());
    }

    /// <summary>The content, if it is what its digest says.</summary>
    /// <exception cref="GantryException">Invalid: it is not.</exception>
    public static ReadOnlyMemory<byte> Verify(Digest digest, byte[] content) =>
        digest.Algorithm == "sha256" && Digest.OfSha256(SHA256.HashData(content)) == digest
            ? content
            : throw GantryException.Of(ErrorKind.Invalid, $"the cache's {digest} is something else: it was changed or damaged");

    private static Descriptor? Find(JsonElement descriptor) => descriptor.TryGetProperty("mediaType", out var type) && type.GetString() == CacheDocument.MediaType
        ? new() { MediaType = CacheDocument.MediaType, Digest = Digest.Parse(descriptor.GetProperty("digest").GetString()!), Size = descriptor.GetProperty("size").GetInt64() }
        : null;
}
