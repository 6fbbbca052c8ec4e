using System.Text.Json;

namespace Gantry.Cli.Templates;

/// <summary>A JSON object: a struct or a map of Go's.</summary>
internal sealed class JsonFields(JsonElement element, bool isMap) : ITemplateFields
{
    /// <summary>The object.</summary>
    public JsonElement Element => element;

    /// <summary>Whether it was a map: its keys print and it ranges over them sorted.</summary>
    public bool IsMap => isMap;

    /// <summary>Whether it stands for Go's nil map.</summary>
    public bool IsNil { get; init; }

    public string TypeName => "map[string]interface {}";

    public IEnumerable<KeyValuePair<string, object?>> Fields => element.EnumerateObject().Select(static p => new KeyValuePair<string, object?>(p.Name, JsonValue.Of(p.Value, p.Name)));

    public bool TryGet(string name, IReadOnlyList<object?> arguments, out object? value) => JsonValue.TryField(element, name, out value);

    /// <summary>The value of exactly this key; null: there is none.</summary>
    public object? Find(string key) => element.TryGetProperty(key, out var value) ? JsonValue.Of(value, key) : null;
}
