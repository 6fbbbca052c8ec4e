namespace Gantry.Build;

/// <summary>A cache outside the engine: where it is, and what is wanted of it.</summary>
/// <remarks>Source: BuildKit's CacheOptionsEntry; docs.docker.com, cache storage backends, for the attributes.</remarks>
public sealed record CacheSpec
{
    /// <summary><c>registry</c>, <c>local</c> or <c>inline</c>.</summary>
    public required string Type { get; init; }

    /// <summary>As the client gave them: <c>ref</c>, <c>mode</c>, <c>tag</c>, …</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>An attribute's value; null: it was not given.</summary>
    public string? Find(string name) => Attributes.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    /// <summary>Whether an attribute says yes.</summary>
    public bool Has(string name) => Find(name) is "true" or "1";
}
