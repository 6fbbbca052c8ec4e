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

    /// <summary>Has the engine try credentials on a registry.</summary>
    /// <returns>What it says of it, and the registry's token to keep in place of the password; null: there is none.</returns>
    /// <exception cref="Gantry.Model.GantryException">Unauthenticated: the registry does not take them.</exception>
    public (string Status, string? Token) Authenticate(string server, string user, string password, string? token)
    {
        using var response = transport.Send("POST", "/auth", AuthBody.Encode(server, user, password, token));
        using var answer = EngineTransport.Parse(response);
        var root = answer.RootElement;
        return (
            root.TryGetProperty("Status", out var status) ? status.GetString() ?? "" : "",
            root.TryGetProperty("IdentityToken", out var given) && given.GetString() is { Length: > 0 } kept ? kept : null);
    }

    /// <summary>What happens, as it happens.</summary>
    public IEnumerable<JsonElement> Events(string? since, string? until, string? filters) =>
        JsonObjects.Read(transport.Send("GET", new Query("/events").With("filters", filters).With("since", since).With("until", until).ToString()));
}
