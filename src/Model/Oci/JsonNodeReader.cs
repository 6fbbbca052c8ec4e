using System.Text.Json;

namespace Gantry.Model.Oci;

/// <summary>A JSON object and where it stands, for errors such as <c>config.json: process.user.uid: expected a number</c>.</summary>
internal readonly struct JsonNodeReader
{
    private readonly JsonElement _element;
    private readonly string _path;

    public JsonNodeReader(JsonElement element, string path)
    {
        _element = element;
        _path = path;
        if (element.ValueKind != JsonValueKind.Object) throw Wrong(path, "an object", element);
    }

    public bool Has(string name) => Find(name, out _);

    public GantryException Missing(string name) => GantryException.Of(ErrorKind.Invalid, $"config.json: {PathOf(name)} is missing");

    public string? Text(string name)
    {
        if (!Find(name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.String) throw Wrong(PathOf(name), "a string", value);
        return CheckText(value, PathOf(name));
    }

    public bool Flag(string name) => FindFlag(name) ?? false;

    public bool? FindFlag(string name)
    {
        if (!Find(name, out var value)) return null;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(PathOf(name), "true or false", value),
        };
    }

    public int? Int(string name) => Value(name, static e => e.TryGetInt32(out var v) ? v : (int?)null);

    public uint? UInt(string name) => Value(name, static e => e.TryGetUInt32(out var v) ? v : (uint?)null);

    public ushort? UShort(string name) => Value(name, static e => e.TryGetUInt16(out var v) ? v : (ushort?)null);

    public long? Long(string name) => Value(name, static e => e.TryGetInt64(out var v) ? v : (long?)null);

    // Producers written in C print RLIM_INFINITY as -1.
    public ulong? ULong(string name) => Value(name, static e => e.TryGetUInt64(out var v) ? v : e.TryGetInt64(out var s) && s == -1 ? ulong.MaxValue : (ulong?)null);

    public T? Object<T>(string name, Func<JsonNodeReader, T> read)
        where T : class => Find(name, out var value) ? read(new JsonNodeReader(value, PathOf(name))) : null;

    public IReadOnlyList<T>? List<T>(string name, Func<JsonNodeReader, T> read)
    {
        if (!Array(name, out var array)) return null;
        var items = new List<T>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray()) items.Add(read(new JsonNodeReader(item, $"{PathOf(name)}[{items.Count}]")));
        return items;
    }

    public IReadOnlyList<string>? Strings(string name)
    {
        if (!Array(name, out var array)) return null;
        var items = new List<string>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray())
        {
            var path = $"{PathOf(name)}[{items.Count}]";
            items.Add(item.ValueKind == JsonValueKind.String ? CheckText(item, path) : throw Wrong(path, "a string", item));
        }

        return items;
    }

    public IReadOnlyList<T>? Values<T>(string name, Func<JsonElement, T?> read)
        where T : struct
    {
        if (!Array(name, out var array)) return null;
        var items = new List<T>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray())
        {
            var value = item.ValueKind == JsonValueKind.Number ? read(item) : null;
            items.Add(value ?? throw Wrong($"{PathOf(name)}[{items.Count}]", "a number in range", item));
        }

        return items;
    }

    public IReadOnlyDictionary<string, string>? Texts(string name)
    {
        if (!Find(name, out var value)) return null;
        var reader = new JsonNodeReader(value, PathOf(name));
        var items = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in value.EnumerateObject()) items[item.Name] = reader.Text(item.Name) ?? "";
        return items;
    }

    public IReadOnlyDictionary<string, T>? Map<T>(string name, Func<JsonNodeReader, T> read)
    {
        if (!Find(name, out var value)) return null;
        _ = new JsonNodeReader(value, PathOf(name));
        var items = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var item in value.EnumerateObject()) items[item.Name] = read(new JsonNodeReader(item.Value, $"{PathOf(name)}.{item.Name}"));
        return items;
    }

    // NOTE: every text ends up in the kernel as a C string: one with a NUL inside would mean something else there than here.
    private static string CheckText(JsonElement value, string path)
    {
        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"config.json: {path} is not valid Unicode", cause: e);
        }

        return text.Contains('\0', StringComparison.Ordinal)
            ? throw GantryException.Of(ErrorKind.Invalid, $"config.json: {path} contains a NUL character")
            : text;
    }

    private static GantryException Wrong(string path, string expected, JsonElement found) =>
        GantryException.Of(ErrorKind.Invalid, $"config.json: {(path.Length == 0 ? "the document" : path)}: expected {expected}, found {Describe(found)}");

    private static string Describe(JsonElement found)
    {
        var text = found.GetRawText();
        return text.Length <= 40 ? text : text[..40] + "…";
    }

    private bool Find(string name, out JsonElement value) => _element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private bool Array(string name, out JsonElement array)
    {
        if (!Find(name, out array)) return false;
        return array.ValueKind == JsonValueKind.Array ? true : throw Wrong(PathOf(name), "a list", array);
    }

    private T? Value<T>(string name, Func<JsonElement, T?> read)
        where T : struct
    {
        if (!Find(name, out var value)) return null;
        return (value.ValueKind == JsonValueKind.Number ? read(value) : null) ?? throw Wrong(PathOf(name), "a number in range", value);
    }

    private string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";
}
