using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Gantry.Client;

/// <summary>Calls about builds. They need Gantry's engine: Docker's has another door for the same.</summary>
public sealed class BuildCalls(EngineTransport transport)
{
    /// <summary>Builds.</summary>
    /// <param name="request">What, and how.</param>
    /// <param name="directories">Names of the directories that the archive holds, as <c>0</c>, <c>1</c>, …; null: the archive is the build's one directory.</param>
    /// <param name="secrets">Values of secrets: part of the body alone.</param>
    /// <param name="registryConfig">X-Registry-Config; null: nobody is logged in.</param>
    /// <param name="writeArchive">Writes the archive; null: there is none.</param>
    /// <returns>The events of the build, the last of them its result or failure. Each is disposed when the next is asked for.</returns>
    /// <exception cref="Gantry.Model.GantryException">It failed before its first event.</exception>
    public IEnumerable<JsonElement> Build(
        BuildRequest request, IReadOnlyList<string>? directories, IReadOnlyDictionary<string, byte[]> secrets, string? registryConfig, Action<Stream>? writeArchive) =>
        JsonObjects.Read(transport.SendStream(
            "POST",
            request.ToPath(),
            body =>
            {
                WriteHead(body, directories, secrets);
                writeArchive?.Invoke(body);
            },
            "application/vnd.gantry.build",
            registryConfig is null ? null : ("X-Registry-Config", registryConfig)));

    /// <summary>Removes cached results of builds. The caller disposes the answer.</summary>
    /// <param name="all">Those in use by images too.</param>
    /// <param name="keepBytes">How much may stay; 0: nothing.</param>
    /// <param name="filters">Filters as JSON; null: none.</param>
    public JsonDocument Prune(bool all, long keepBytes, string? filters)
    {
        var kept = keepBytes == 0 ? null : keepBytes.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var response = transport.Send("POST", new Query("/build/prune").With("all", all).With("filters", filters).With("keep-storage", kept).With("reserved-space", kept).ToString());
        return EngineTransport.Parse(response);
    }

    /// <summary>The builds whose logs the engine has kept, the newest first. The caller disposes the answer.</summary>
    public JsonDocument History() => transport.GetJson("/build/history");

    /// <summary>The events of a build that was kept.</summary>
    /// <param name="id">Its id; null: the newest one's.</param>
    public IEnumerable<JsonElement> Logs(string? id) => JsonObjects.Read(transport.Send("GET", new Query("/build/history/" + Query.Segment(id ?? "latest")).ToString()));

    private static void WriteHead(Stream body, IReadOnlyList<string>? directories, IReadOnlyDictionary<string, byte[]> secrets)
    {
        var head = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(head))
        {
            json.WriteStartObject();
            if (directories is not null)
            {
                json.WriteStartArray("directories");
                foreach (var name in directories)
                    json.WriteStringValue(name);
                json.WriteEndArray();
            }

            json.WriteStartObject("secrets");
            foreach (var (id, value) in secrets)
                json.WriteBase64String(id, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, head.WrittenCount);
        body.Write([.. length, .. head.WrittenSpan]);
    }
}
