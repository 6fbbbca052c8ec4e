using System.Globalization;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Engine.Volumes;

/// <summary>The file <c>volume.json</c>: <c>{"v":1,"createdAt":…,"anonymous":…,"labels":{…}}</c>.</summary>
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
                Labels = root.GetProperty("labels").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString() ?? "", StringComparer.Ordinal),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw GantryException.Of(ErrorKind.Internal, $"what is known of volume {name} cannot be read: {e.Message}; its data is in {mountpoint}", cause: e);
        }
    }
}
