using System.Text.Json;

namespace Gantry.Cli.Builds;

/// <summary>What a build made.</summary>
/// <param name="Image">The image's id; empty: the result is no image.</param>
/// <param name="Manifest">The manifest's digest; empty: unknown.</param>
/// <param name="Metadata">What outputs tell of themselves; objects are JSON in base 64.</param>
internal sealed record BuildResult(string Image, string Manifest, IReadOnlyList<string> Names, IReadOnlyDictionary<string, string> Metadata)
{
    public static BuildResult Read(JsonElement result) => new(
        Text(result, "image"),
        Text(result, "manifest"),
        [.. result.GetProperty("names").EnumerateArray().Select(static name => name.GetString()!)],
        result.TryGetProperty("metadata", out var metadata) ? metadata.EnumerateObject().ToDictionary(static m => m.Name, static m => m.Value.GetString() ?? "") : new Dictionary<string, string>());

    /// <summary>What the result is known by: the image's id, or the digest of what was pushed or written; empty: it is no image.</summary>
    public string Id => Image.Length > 0 ? Image : Metadata.GetValueOrDefault("containerimage.config.digest") ?? Metadata.GetValueOrDefault("containerimage.digest", "");

    internal static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    internal static int Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt32() : 0;
}
