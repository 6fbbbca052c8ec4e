using System.Text.Json;

namespace Gantry.Cli.Config;

/// <summary>An engine by name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">For people; empty: none.</param>
/// <param name="Host">The engine's address; empty: it names no Docker engine.</param>
/// <param name="SkipTlsVerify">Whether its certificate is taken unseen.</param>
internal sealed record EngineContext(string Name, string Description, string Host, bool SkipTlsVerify)
{
    /// <summary>Reads a context's file.</summary>
    public static EngineContext Of(JsonElement json)
    {
        var docker = json.TryGetProperty("Endpoints", out var endpoints) && endpoints.TryGetProperty("docker", out var found) ? found : default;
        var description = json.TryGetProperty("Metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty("Description", out var text) ? text.GetString() : null;
        return new(
            json.GetProperty("Name").GetString()!,
            description ?? "",
            docker.ValueKind == JsonValueKind.Object && docker.TryGetProperty("Host", out var host) ? host.GetString() ?? "" : "",
            docker.ValueKind == JsonValueKind.Object && docker.TryGetProperty("SkipTLSVerify", out var skip) && skip.GetBoolean());
    }

    /// <summary>Writes it as its file has it.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="more">Writes further members; null: there are none.</param>
    public void Write(Utf8JsonWriter json, Action<Utf8JsonWriter>? more = null)
    {
        json.WriteStartObject();
        json.WriteString("Name", Name);
        json.WriteStartObject("Metadata");
        if (Description.Length > 0)
            json.WriteString("Description", Description);
        json.WriteEndObject();
        json.WriteStartObject("Endpoints");
        json.WriteStartObject("docker");
        json.WriteString("Host", Host);
        json.WriteBoolean("SkipTLSVerify", SkipTlsVerify);
        json.WriteEndObject();
        json.WriteEndObject();
        more?.Invoke(json);
        json.WriteEndObject();
    }
}
