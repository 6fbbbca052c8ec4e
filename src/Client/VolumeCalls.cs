using System.Buffers;
using System.Text.Json;

namespace Gantry.Client;

/// <summary>Calls about volumes.</summary>
/// <remarks>Source: Engine API, section Volume.</remarks>
public sealed class VolumeCalls(EngineTransport transport)
{
    /// <summary>Lists volumes. The caller disposes the answer.</summary>
    /// <param name="filters">Filters as JSON; null: none.</param>
    public JsonDocument List(string? filters = null) => transport.GetJson(new Query("/volumes").With("filters", filters).ToString());

    /// <summary>Makes a volume; one that exists stays as it is.</summary>
    /// <param name="name">Empty: the engine makes one up.</param>
    /// <param name="driver">The driver.</param>
    /// <param name="options">The driver's options.</param>
    /// <param name="labels">Its labels.</param>
    /// <returns>Its name.</returns>
    public string Create(string name, string driver, IReadOnlyDictionary<string, string> options, IReadOnlyDictionary<string, string> labels)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("Name", name);
            json.WriteString("Driver", driver);
            Write(json, "DriverOpts", options);
            Write(json, "Labels", labels);
            json.WriteEndObject();
        }
        using var response = transport.Send("POST", "/volumes/create", body.WrittenMemory);
        using var made = EngineTransport.Parse(response);
        return made.RootElement.GetProperty("Name").GetString() ?? "";
    }

    /// <summary>Removes a volume.</summary>
    /// <param name="force">Succeed when there is none.</param>
    public void Remove(string name, bool force)
    {
        using var response = transport.Send("DELETE", new Query($"/volumes/{Query.Named("volume", name)}").With("force", force).ToString());
        response.Body.CopyTo(Stream.Null);
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in map)
            json.WriteString(key, value);
        json.WriteEndObject();
    }
}
