using System.Text.Json;

namespace Gantry.Cli.Templates;

/// <summary>A JSON array.</summary>
internal sealed class JsonList(JsonElement element)
{
    /// <summary>The array.</summary>
    public JsonElement Element => element;

    /// <summary>Whether it stands for Go's nil slice.</summary>
    public bool IsNil { get; init; }

    public int Count => element.GetArrayLength();

    public object? this[int index] => JsonValue.Of(element[index]);

    public IEnumerable<object?> Items
    {
        get
        {
            foreach (var item in element.EnumerateArray())
                yield return JsonValue.Of(item);
        }
    }
}
