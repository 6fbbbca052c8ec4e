using System.Globalization;
using System.Text.Json;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Volumes;

/// <summary>The file <c>volume.json</c>: <c>{"v":1,"createdAt":…,"anonymous":…,"labels":{…},"uids":[[0,231072,65536]],"gids":…}</c>; the last two only where ids are mapped.</summary>
internal static class VolumeRecordJson
{
    private const int Version = 1;

    public static byte[] Write(VolumeRecord record)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("v", Version);
            json.WriteString("createdAt", record.CreatedAt.ToString("O", CultureInfo.InvariantCulture));
            json.WriteBoolean("anonymous", record.Anonymous);
            json.WriteStartObject("labels");
            foreach (var (key, value) in record.Labels)
                json.WriteString(key, value);
            json.WriteEndObject();
            if (!record.Ids.IsIdentity)
            {
                WriteRanges(json, "uids", record.Ids.Uids);
                WriteRanges(json, "gids", record.Ids.Gids);
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <exception cref="GantryException">Internal: damaged. NotSupported: written by a newer Gantry.</exception>
    public static VolumeRecord Read(ReadOnlyMemory<byte> bytes, string name, string mountpoint)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            if (root.GetProperty("v").GetInt32() != Version)
                throw GantryException.Of(ErrorKind.NotSupported, $"volume {name} was written by a newer Gantry: upgrade, or use another --data-root");
            return new()
            {
                Name = name,
                Mountpoint = mountpoint,
                CreatedAt = DateTimeOffset.Parse(root.GetProperty("createdAt").GetString()!, CultureInfo.InvariantCulture),
                Anonymous = root.GetProperty("anonymous").GetBoolean(),
                Ids = root.TryGetProperty("uids", out var uids) ? new IdMap(ReadRanges(uids), ReadRanges(root.GetProperty("gids"))) : IdMap.Identity,
                Labels = root.GetProperty("labels").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString() ?? "", StringComparer.Ordinal),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw GantryException.Of(ErrorKind.Internal, $"what is known of volume {name} cannot be read: {e.Message}; its data is in {mountpoint}", cause: e);
        }
    }

    private static void WriteRanges(Utf8JsonWriter json, string name, IReadOnlyList<IdMapping> ranges)
    {
        json.WriteStartArray(name);
        foreach (var range in ranges)
        {
            json.WriteStartArray();
            json.WriteNumberValue(range.ContainerID);
            json.WriteNumberValue(range.HostID);
            json.WriteNumberValue(range.Size);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static List<IdMapping> ReadRanges(JsonElement ranges) =>
        [.. ranges.EnumerateArray().Select(static range => new IdMapping { ContainerID = range[0].GetUInt32(), HostID = range[1].GetUInt32(), Size = range[2].GetUInt32() })];
}
