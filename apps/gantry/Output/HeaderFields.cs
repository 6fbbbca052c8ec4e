using Gantry.Cli.Templates;

namespace Gantry.Cli.Output;

/// <summary>The row above a table: each field's column title.</summary>
internal sealed class HeaderFields(string typeName, IReadOnlyDictionary<string, string> titles) : ITemplateFields
{
    public string TypeName => typeName;

    public IEnumerable<KeyValuePair<string, object?>> Fields => titles.Select(static t => new KeyValuePair<string, object?>(t.Key, t.Value));

    public bool TryGet(string name, IReadOnlyList<object?> arguments, out object? value)
    {
        // A label's column is called by the label's last part.
        value = name == "Label" && arguments is [string key] ? key[(key.LastIndexOf('.') + 1)..] : titles.TryGetValue(name, out var title) ? title : null;
        return value is not null;
    }
}
