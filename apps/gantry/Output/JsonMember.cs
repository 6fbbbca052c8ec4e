using System.Text.Json;

namespace Gantry.Cli.Output;

/// <summary>Reads texts of the engine's answers.</summary>
internal static class JsonMember
{
    /// <summary>A member's text; empty when there is none.</summary>
    public static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
