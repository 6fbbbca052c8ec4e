using Gantry.Cli.Templates;

namespace Gantry.Cli.Output;

/// <summary>A row of a list: the fields that <c>--format</c> knows, each computed when it is asked for.</summary>
/// <param name="typeName">What Docker calls the row's type in messages.</param>
/// <param name="fields">The fields, in order.</param>
/// <param name="label">A label's value by its key, for <c>Label "key"</c>; null: rows have none.</param>
internal sealed class RowFields(string typeName, IReadOnlyList<KeyValuePair<string, Func<object?>>> fields, Func<string, string>? label = null) : ITemplateFields
{
    public string TypeName => typeName;

    public IEnumerable<KeyValuePair<string, object?>> Fields =>
        fields.OrderBy(static f => f.Key, StringComparer.Ordinal).Select(static f => new KeyValuePair<string, object?>(f.Key, f.Value()));

    public bool TryGet(string name, IReadOnlyList<object?> arguments, out object? value)
    {
        value = null;
        if (name == "Label" && label is not null && arguments is [string key])
        {
            value = label(key);
            return true;
        }
        foreach (var field in fields)
        {
            if (field.Key != name)
                continue;
            value = field.Value();
            return true;
        }
        return false;
    }
}
