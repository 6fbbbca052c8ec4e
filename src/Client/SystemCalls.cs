using System.Text.Json;

namespace Gantry.Client;

/// <summary>Calls about the engine itself.</summary>
/// <remarks>Source: Engine API, section System.</remarks>
public sealed class SystemCalls(EngineTransport transport)
{
    /// <summary>Versions of the engine and its parts, as it sent them.</summary>
    public byte[] Version() => transport.GetBytes("/version");

    /// <summary>The engine's configuration and counts, as it sent them.</summary>
    public byte[] Information() => transport.GetBytes("/info");

    /// <summary>What the engine's things take on disk: LayersSize, Images, Containers, Volumes, BuildCache. The caller disposes the answer.</summary>
    public JsonDocument DiskUsage() => transport.GetJson("/system/df");

    /// <summary>Removes what nobody uses. The caller disposes the answer.</summary>
    /// <param name="kind"><c>containers</c>, <c>images</c>, <c>volumes</c> or <c>networks</c>.</param>
    /// <param name="filters">Filters as JSON; null: none.</param>
    public JsonDocument Prune(string kind, string? filters)
    {
        using var response = transport.Send("POST", new Query($"/{kind}/prune").With("filters", filters).ToString());
        return EngineTransport.Parse(response);
    }

    /// <summary>What happens, as it happens.</summary>
    public IEnumerable<JsonElement> Events(string? since, string? until, string? filters) =>
        JsonObjects.Read(transport.Send("GET", new Query("/events").With("filters", filters).With("since", since).With("until", until).ToString()));
}
