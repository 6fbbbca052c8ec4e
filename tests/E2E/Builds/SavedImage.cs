using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Gantry.Tests.E2E.Builds;

/// <summary>An image as <c>docker save</c> wrote it.</summary>
internal sealed class SavedImage
{
    private readonly Dictionary<string, byte[]> _files = [];

    public SavedImage(string archive)
    {
        using var reader = new TarReader(File.OpenRead(archive));
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null)
                continue;
            using var copy = new MemoryStream();
            entry.DataStream.CopyTo(copy);
            _files[entry.Name] = copy.ToArray();
        }
        var manifest = JsonNode.Parse(_files["manifest.json"])![0]!;
        Configuration = JsonNode.Parse(_files[manifest["Config"]!.GetValue<string>()])!.AsObject();
        Layers = [.. manifest["Layers"]!.AsArray().Select(layer => Read(_files[layer!.GetValue<string>()]))];
        _files.Clear();
    }

    public JsonObject Configuration { get; }

    /// <summary>For each layer, what it says of each path: its type, mode, owner, link and data, but no time.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Layers { get; }

    private static SortedDictionary<string, string> Read(byte[] layer)
    {
        var entries = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var plain = new MemoryStream(layer);
        using var reader = new TarReader(layer.Length > 1 && layer[0] == 0x1F && layer[1] == 0x8B ? new GZipStream(plain, CompressionMode.Decompress) : plain);
        while (reader.GetNextEntry() is { } entry)
        {
            var type = entry.EntryType is TarEntryType.V7RegularFile ? TarEntryType.RegularFile : entry.EntryType;
            var data = entry.DataStream is { } stream && type == TarEntryType.RegularFile ? Convert.ToHexStringLower(SHA256.HashData(stream))[..16] : "";
            var attributes = entry is PaxTarEntry pax ? string.Concat(pax.ExtendedAttributes.Where(static a => a.Key.StartsWith("SCHILY.xattr.", StringComparison.Ordinal)).Select(static a => $" {a.Key}={a.Value}").Order()) : "";
            entries["/" + (entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name).Trim('/')] = $"{type} {Convert.ToString((int)entry.Mode, 8)} {entry.Uid}:{entry.Gid} {entry.LinkName} {data}{attributes}";
        }
        return entries;
    }
}
