using System.Text.Json;
using Gantry.Cli.Output;

namespace Gantry.Cli.Config;

/// <summary>The user's <c>~/.docker/config.json</c> as it was when this program started; <see cref="ConfigFile"/> changes it.</summary>
/// <remarks>Source: docker CLI reference, "Docker CLI configuration file (config.json) properties".</remarks>
internal sealed class ClientConfig
{
    private readonly JsonElement? _root;

    private ClientConfig(string directory, JsonElement? root)
    {
        Directory = directory;
        _root = root;
    }

    /// <summary>The directory that holds it, certificates and contexts.</summary>
    public string Directory { get; }

    /// <summary>Headers to send with every request.</summary>
    public IReadOnlyDictionary<string, string>? HttpHeaders => Find("HttpHeaders") is { ValueKind: JsonValueKind.Object } headers
        ? headers.EnumerateObject().Where(static h => h.Value.ValueKind == JsonValueKind.String).ToDictionary(static h => h.Name, static h => h.Value.GetString()!)
        : null;

    /// <summary>Reads the file; one that is missing or broken counts as empty, the latter with a warning.</summary>
    /// <param name="directory">From <c>--config</c>; empty: <c>DOCKER_CONFIG</c>, else <c>~/.docker</c>.</param>
    /// <param name="error">Takes the warning.</param>
    public static ClientConfig Read(string directory, TextOutput error)
    {
        if (directory.Length == 0)
            directory = Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } given ? given : Path.Combine(Home(), ".docker");
        var path = Path.Combine(directory, "config.json");
        if (!File.Exists(path))
            return new(directory, null);
        try
        {
            // Kept for the whole of a short process: never given back.
            return new(directory, JsonDocument.Parse(File.ReadAllBytes(path), new() { AllowTrailingCommas = true }).RootElement);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            error.WriteLine($"WARNING: Error loading config file: {path}: {e.Message}");
            return new(directory, null);
        }
    }

    /// <summary>A text setting, as <c>psFormat</c>; empty when it is not set.</summary>
    public string Text(string name) => Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";

    /// <summary>A list of strings; empty: there is none of that name.</summary>
    public IReadOnlyList<string> Texts(string name) => Find(name) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(static item => item.GetString()!)]
        : [];

    /// <summary>A setting; null when it is not set.</summary>
    public JsonElement? Find(string name) =>
        _root is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty(name, out var value) ? value : null;

    private static string Home() => Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : "/";
}
