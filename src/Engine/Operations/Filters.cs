using System.Collections.Frozen;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Engine.Operations;

/// <summary>A list request's filters: a key has values, any of which matches; all keys must match.</summary>
/// <remarks>Source: moby api/types/filters: two JSON shapes are in use, {"k":["v"]} and the older {"k":{"v":true}}.</remarks>
public sealed class Filters
{
    private readonly FrozenDictionary<string, IReadOnlyList<string>> _values;

    private Filters(FrozenDictionary<string, IReadOnlyList<string>> values) => _values = values;

    /// <summary>No filter: everything matches.</summary>
    public static Filters None { get; } = new(FrozenDictionary<string, IReadOnlyList<string>>.Empty);

    /// <summary>The keys that were given.</summary>
    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>The values of a key; empty when it was not given.</summary>
    public IReadOnlyList<string> this[string key] => _values.TryGetValue(key, out var values) ? values : [];

    /// <summary>Makes filters of pairs, as in <c>("status", "running")</c>.</summary>
    public static Filters Of(params ReadOnlySpan<(string Key, string Value)> pairs)
    {
        var lists = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (key, value) in pairs)
            Add(lists, key, value);
        return From(lists);
    }

    /// <summary>Parses the query parameter <c>filters</c>; null and empty mean none.</summary>
    /// <exception cref="GantryException">Invalid: not JSON of either shape.</exception>
    public static Filters Parse(string? json)
    {
        if (string.IsNullOrEmpty(json))
            return None;
        try
        {
            using var document = JsonDocument.Parse(json);
            var lists = new Dictionary<string, List<string>>(StringComparer.Ordinal);
            foreach (var entry in document.RootElement.EnumerateObject())
            {
                switch (entry.Value.ValueKind)
                {
                    case JsonValueKind.Array:
                        foreach (var value in entry.Value.EnumerateArray())
                            Add(lists, entry.Name, value.GetString()!);
                        break;
                    case JsonValueKind.Object:
                        // NOTE: a value marked false counts as absent in moby too, but its key stays known.
                        foreach (var value in entry.Value.EnumerateObject().Where(v => v.Value.GetBoolean()))
                            Add(lists, entry.Name, value.Name);
                        break;
                    default:
                        throw new InvalidOperationException();
                }
            }
            return From(lists);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"invalid filter: {json}: write {{\"name\":[\"value\"]}}", cause: malformed);
        }
    }

    /// <summary>Whether a key was given.</summary>
    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>Whether the key was not given, or one of its values satisfies the test.</summary>
    public bool Any(string key, Func<string, bool> test) => !_values.TryGetValue(key, out var values) || values.Any(test);

    /// <summary>Whether the key was not given, or all of its values satisfy the test.</summary>
    public bool All(string key, Func<string, bool> test) => !_values.TryGetValue(key, out var values) || values.All(test);

    /// <summary>Whether the key was not given, or one of its values is this text.</summary>
    public bool Exact(string key, string text) => Any(key, value => value == text);

    /// <summary>A yes/no filter's value; null when it was not given.</summary>
    /// <exception cref="GantryException">Invalid: the value is not a boolean.</exception>
    public bool? Boolean(string key)
    {
        if (!_values.TryGetValue(key, out var values))
            return null;
        var distinct = values.Select(v => v.ToLowerInvariant() switch { "1" or "true" => 1, "0" or "false" => 0, _ => -1 }).Distinct().ToList();
        return distinct is [1] ? true : distinct is [0] ? false : throw InvalidValue(key, $"[{string.Join(' ', values)}]");
    }

    /// <summary>Refuses keys that the operation does not know.</summary>
    /// <exception cref="GantryException">Invalid: an unknown key.</exception>
    public void Validate(params ReadOnlySpan<string> known)
    {
        foreach (var key in _values.Keys)
        {
            if (!known.Contains(key))
                throw GantryException.Of(ErrorKind.Invalid, $"invalid filter '{key}'"); // Source: moby api/types/filters/errors.go
        }
    }

    /// <summary>Whether labels match a <c>label</c> filter's value: <c>key</c> or <c>key=value</c>.</summary>
    public static bool LabelMatches(IReadOnlyDictionary<string, string>? labels, string filter)
    {
        var equals = filter.IndexOf('=', StringComparison.Ordinal);
        var key = equals < 0 ? filter : filter[..equals];
        return labels is not null && labels.TryGetValue(key, out var value) && (equals < 0 || value == filter[(equals + 1)..]);
    }

    internal static GantryException InvalidValue(string key, string value) =>
        GantryException.Of(ErrorKind.Invalid, $"invalid filter '{key}={value}'"); // Source: moby api/types/filters/errors.go

    private static void Add(Dictionary<string, List<string>> lists, string key, string value)
    {
        if (!lists.TryGetValue(key, out var list))
            lists[key] = list = [];
        if (!list.Contains(value, StringComparer.Ordinal))
            list.Add(value);
    }

    private static Filters From(Dictionary<string, List<string>> lists) =>
        new(lists.ToFrozenDictionary(p => p.Key, p => (IReadOnlyList<string>)p.Value, StringComparer.Ordinal));
}
