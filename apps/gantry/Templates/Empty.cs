using System.Text.Json;

namespace Gantry.Cli.Templates;

/// <summary>A nil list and a nil map: they print as empty ones and are null in JSON.</summary>
internal static class Empty
{
    private static readonly JsonDocument ListDocument = JsonDocument.Parse("[]");
    private static readonly JsonDocument MapDocument = JsonDocument.Parse("{}");

    public static JsonList List { get; } = new(ListDocument.RootElement) { IsNil = true };

    public static JsonFields Map { get; } = new(MapDocument.RootElement, isMap: true) { IsNil = true };
}
