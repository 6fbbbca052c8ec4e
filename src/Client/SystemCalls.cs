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

    /// <summary>What happens, as it happens.</summary>
    public IEnumerable<JsonElement> Events(string? since, string? until, string? filters) =>
        JsonObjects.Read(transport.Send("GET", new Query("/events").With("filters", filters).With("since", since).With("until", until).ToString()));
}
