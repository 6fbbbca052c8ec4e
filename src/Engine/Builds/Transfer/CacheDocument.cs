using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>What a cache outside the engine holds: layers, and which steps made them.</summary>
/// <remarks>
/// BuildKit's format, so that other tools know what they carry; the keys are Gantry's own, which <c>gantry</c> says. What is
/// read comes from strangers: nothing of it is believed but that a key leads to a layer, and that only where somebody named
/// this cache. Source: BuildKit cache/remotecache/v1/spec.go.
/// </remarks>
internal sealed record CacheDocument
{
    /// <summary>The media type of the document.</summary>
    public const string MediaType = "application/vnd.buildkit.cacheconfig.v0";

    /// <summary>The most bytes of one.</summary>
    public const int Largest = 16 << 20;

    private const int Version = 1;
    private const int MostLayers = 10_000;
    private const int MostRecords = 100_000;

    public IReadOnlyList<CacheLayer> Layers { get; init; } = [];

    /// <summary>Keys of steps, each with the place of the layer that the step made.</summary>
    public IReadOnlyDictionary<Digest, int> Records { get; init; } = new Dictionary<Digest, int>();

    /// <summary>Contents of cache mounts by the mounts' names, each with the place of an archive among the layers.</summary>
    public IReadOnlyDictionary<string, int> Mounts { get; init; } = new Dictionary<string, int>();

    /// <summary>Reads one; null: BuildKit or another tool wrote it, with keys that mean nothing here.</summary>
    /// <exception cref="GantryException">Invalid: it is damaged, or beyond the limits.</exception>
    public static CacheDocument? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            var root = document.RootElement;
            if (!root.TryGetProperty("gantry", out var version) || version.GetInt32() != Version)
                return null;
            List<CacheLayer> layers = [.. root.GetProperty("layers").EnumerateArray().Select(ReadLayer)];
            var records = new Dictionary<Digest, int>();
            foreach (var record in root.GetProperty("records").EnumerateArray())
                records[Digest.Parse(record.GetProperty("digest").GetString()!)] = record.GetProperty("layers")[0].GetProperty("layer").GetInt32();
            var mounts = new Dictionary<string, int>(StringComparer.Ordinal);
            if (root.TryGetProperty("mounts", out var listed))
            {
                foreach (var mount in listed.EnumerateObject())
                    mounts[mount.Name] = mount.Value.GetInt32();
            }

            if (layers.Count > MostLayers || records.Count > MostRecords || records.Values.Concat(mounts.Values).Any(place => (uint)place >= (uint)layers.Count) || mounts.Keys.Any(name => !CacheMounts.IsName(name)))
                throw new FormatException("it names what it does not have, or too much");
            return new() { Layers = layers, Records = records, Mounts = mounts };
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException or GantryException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"the cache cannot be used: {malformed.Message}", cause: malformed);
        }
    }

    /// <summary>Writes it: the same content makes the same bytes.</summary>
    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("gantry"u8, Version);
            json.WriteStartArray("layers"u8);
            foreach (var layer in Layers)
                WriteLayer(json, layer);
            json.WriteEndArray();
            json.WriteStartArray("records"u8);
            foreach (var (key, place) in Records.OrderBy(record => record.Key.ToString(), StringComparer.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("digest"u8, key.ToString());
                json.WriteStartArray("layers"u8);
                json.WriteStartObject();
                json.WriteNumber("layer"u8, place);
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (Mounts.Count > 0)
            {
                json.WriteStartObject("mounts"u8);
                foreach (var (name, place) in Mounts.OrderBy(mount => mount.Key, StringComparer.Ordinal))
                    json.WriteNumber(name, place);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static CacheLayer ReadLayer(JsonElement layer)
    {
        var annotations = layer.GetProperty("annotations");
        var size = annotations.GetProperty("size").GetInt64();
        return new()
        {
            Blob = Digest.Parse(layer.GetProperty("blob").GetString()!),
            MediaType = annotations.GetProperty("mediaType").GetString()!,
            DiffId = Digest.Parse(annotations.GetProperty("diffID").GetString()!),
            SizeBytes = size >= 0 ? size : throw new FormatException("a layer has a negative size"),
            Created = annotations.TryGetProperty("createdAt", out var created) ? DateTimeOffset.Parse(created.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null,
            Begun = annotations.TryGetProperty("begunAt", out var begun) ? DateTimeOffset.Parse(begun.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null,
        };
    }

    private static void WriteLayer(Utf8JsonWriter json, CacheLayer layer)
    {
        json.WriteStartObject();
        json.WriteString("blob"u8, layer.Blob.ToString());
        json.WriteNumber("parent"u8, -1);
        json.WriteStartObject("annotations"u8);
        json.WriteString("mediaType"u8, layer.MediaType);
        json.WriteString("diffID"u8, layer.DiffId.ToString());
        json.WriteNumber("size"u8, layer.SizeBytes);
        if (layer.Created is { } created)
            json.WriteString("createdAt"u8, Text(created));
        if (layer.Begun is { } begun)
            json.WriteString("begunAt"u8, Text(begun));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
