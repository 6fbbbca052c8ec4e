namespace Gantry.Cli.Templates;

/// <summary>A value with named fields, some of which take arguments.</summary>
internal interface ITemplateFields
{
    /// <summary>What messages call its type.</summary>
    string TypeName { get; }

    /// <summary>Gets a field; false: it has none of that name.</summary>
    bool TryGet(string name, IReadOnlyList<object?> arguments, out object? value);

    /// <summary>Names and values in order, for printing and <c>json</c>.</summary>
    IEnumerable<KeyValuePair<string, object?>> Fields { get; }
}
