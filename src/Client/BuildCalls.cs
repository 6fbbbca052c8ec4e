using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace Gantry.Client;

/// <summary>Calls about builds. They need Gantry's engine: Docker's has another door for the same.</summary>
public sealed class BuildCalls(EngineTransport transport)
{
    private const string ContentType = "application/vnd.gantry.build";

    /// <summary>Builds of directories, of which the engine is sent what it does not have.</summary>
    /// <param name="request">What, and how.</param>
    /// <param name="files">The directories.</param>
    /// <param name="secrets">Values of secrets: part of the body alone.</param>
    /// <param name="registryConfig">X-Registry-Config; null: nobody is logged in.</param>
    /// <returns>The events of the build, the last of them its result or failure. Each is disposed when the next is asked for.</returns>
    /// <exception cref="Gantry.Model.GantryException">It failed before its first event, or a file cannot be read.</exception>
    public IEnumerable<JsonElement> Build(BuildRequest request, IBuildFiles files, IReadOnlyDictionary<string, byte[]> secrets, string? registryConfig)
    {
        using var sender = new BuildFilesSender(files);
        using var conversation = transport.Converse(
            "POST",
            request.ToPath(),
            body =>
            {
                WriteHead(body, files, secrets);
                sender.Write(body);
            },
            ContentType,
            Header(registryConfig));
        try
        {
            using var events = JsonObjects.Read(conversation.Response()).GetEnumerator();
            while (conversation.Read(events.MoveNext))
            {
                if (!sender.TryTake(events.Current))
                    yield return events.Current;
            }
        }
        finally
        {
            sender.End();
        }
    }

    /// <summary>Builds of an archive, or of what lies elsewhere.</summary>
    /// <param name="archive">Writes the context as an archive.</param>
    /// <inheritdoc cref="Build(BuildRequest, IBuildFiles, IReadOnlyDictionary{string, byte[]}, string?)"/>
    public IEnumerable<JsonElement> Build(BuildRequest request, Action<Stream> archive, IReadOnlyDictionary<string, byte[]> secrets, string? registryConfig) =>
        JsonObjects.Read(transport.SendStream(
            "POST",
            request.ToPath(),
            body =>
            {
                WriteHead(body, null, secrets);
                archive(body);
            },
            ContentType,
            Header(registryConfig)));

    /// <summary>Opens a connection that a build asked for, as in <c>{"connect":{"id":…}}</c> among its events.</summary>
    public HijackedStream Connect(string id) => transport.Hijack("/build/connections/" + Query.Segment(id));

    /// <summary>Sets the size of the terminal at the other end of a connection.</summary>
    public void Resize(string id, int rows, int columns) =>
        transport.Post(new Query($"/build/connections/{Query.Segment(id)}/resize").With("h", rows.ToString(CultureInfo.InvariantCulture)).With("w", columns.ToString(CultureInfo.InvariantCulture)).ToString());

    /// <summary>Removes cached results of builds. The caller disposes the answer.</summary>
    /// <param name="all">Those in use by images too.</param>
    /// <param name="reservedBytes">How much stays in any case; 0: nothing.</param>
    /// <param name="maxUsedBytes">How much may stay at most; 0: no such bound.</param>
    /// <param name="minFreeBytes">How much of the disk is to be free; 0: no matter.</param>
    /// <param name="filters">Filters as JSON; null: none.</param>
    public JsonDocument Prune(bool all, long reservedBytes, long maxUsedBytes, long minFreeBytes, string? filters)
    {
        static string? Given(long bytes) => bytes == 0 ? null : bytes.ToString(CultureInfo.InvariantCulture);
        using var response = transport.Send("POST", new Query("/build/prune").With("all", all).With("filters", filters)
            .With("keep-storage", Given(reservedBytes)).With("reserved-space", Given(reservedBytes)).With("max-used-space", Given(maxUsedBytes)).With("min-free-space", Given(minFreeBytes)).ToString());
        return EngineTransport.Parse(response);
    }

    /// <summary>The builds whose logs the engine has kept, the newest first. The caller disposes the answer.</summary>
    public JsonDocument History() => transport.GetJson("/build/history");

    /// <summary>The events of a build that was kept.</summary>
    /// <param name="id">Its id; null: the newest one's.</param>
    public IEnumerable<JsonElement> Logs(string? id) => JsonObjects.Read(transport.Send("GET", new Query("/build/history/" + Query.Segment(id ?? "latest")).ToString()));

    private static (string, string)? Header(string? registryConfig) => registryConfig is null ? null : ("X-Registry-Config", registryConfig);

    private static void WriteHead(Stream body, IBuildFiles? files, IReadOnlyDictionary<string, byte[]> secrets)
    {
        var head = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(head))
        {
            json.WriteStartObject();
            if (files is not null)
            {
                json.WriteStartArray("directories");
                foreach (var name in files.Names)
                    json.WriteStringValue(name);
                json.WriteEndArray();
                json.WriteString("key", files.Key);
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
