using System.Text.Json;

namespace Gantry.Cli.Builds;

/// <summary>What a build made.</summary>
/// <param name="Image">The image's id; empty: the result is no image.</param>
/// <param name="Manifest">The manifest's digest; empty: unknown.</param>
internal sealed record BuildResult(string Image, string Manifest, IReadOnlyList<string> Names)
{
    public static BuildResult Read(JsonElement result) => new(
        Text(result, "image"),
        Text(result, "manifest"),
        [.. result.GetProperty("names").EnumerateArray().Select(static name => name.GetString()!)]);

    internal static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    internal static int Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt32() : 0;
}
