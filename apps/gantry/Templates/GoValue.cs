namespace Gantry.Cli.Templates;

/// <summary>What Go's templates do with values: truth, fields, ranges, comparison.</summary>
internal static class GoValue
{
    /// <summary>Whether a value is true: not zero, not empty, not nil.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or NoValue => false,
        bool b => b,
        string s => s.Length > 0,
        long n => n != 0,
        double d => d != 0,
        JsonList list => list.Count > 0,
        IReadOnlyList<string> list => list.Count > 0,
        IReadOnlyList<ITemplateFields> list => list.Count > 0,
        JsonFields { IsMap: true } map => map.Fields.Any(),
        _ => true,
    };

    /// <summary>A field of a value.</summary>
    /// <exception cref="TemplateException">There is none, in Go's words.</exception>
    public static object? Field(object? value, string name, object?[] arguments)
    {
        switch (value)
        {
            case ITemplateFields fields:
                if (fields.TryGet(name, arguments, out var found))
                    return found;
                if (fields is JsonFields { IsMap: true } map && TemplateFunctions.Missing(map) is not null)
                    return NoValue.Instance;
                throw new TemplateException(fields is JsonFields
                    ? $"map has no entry for key \"{name}\""
                    : $"can't evaluate field {name} in type {fields.TypeName}");
            case null:
                throw new TemplateException($"nil pointer evaluating interface {{}}.{name}");
            default:
                throw new TemplateException($"can't evaluate field {name} in type {TypeName(value)}");
        }
    }

    /// <summary>What range goes over: indices or keys, and values; keys are sorted.</summary>
    public static IEnumerable<(object? Key, object? Value)> Range(object? value) => value switch
    {
        null => [],
        JsonList list => list.Items.Select(static (item, i) => ((object?)(long)i, item)),
        IReadOnlyList<string> list => list.Select(static (item, i) => ((object?)(long)i, (object?)item)),
        IReadOnlyList<ITemplateFields> list => list.Select(static (item, i) => ((object?)(long)i, (object?)item)),
        ITemplateFields fields => fields.Fields.OrderBy(static f => f.Key, StringComparer.Ordinal).Select(static f => ((object?)f.Key, f.Value)),
        long count and >= 0 and <= 1_000_000 => Enumerable.Range(0, (int)count).Select(static i => ((object?)(long)i, (object?)(long)i)),
        _ => throw new TemplateException($"range can't iterate over {GoFormat.Print(value)}"),
    };

    /// <summary>Compares two values of the same kind.</summary>
    /// <exception cref="TemplateException">They cannot be compared.</exception>
    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => a.CompareTo(b),
        (long a, double b) => ((double)a).CompareTo(b),
        (double a, long b) => a.CompareTo(b),
        (bool a, bool b) => a.CompareTo(b),
        (null, null) => 0,
        (null, _) or (_, null) => -1,
        _ => throw new TemplateException("incompatible types for comparison"),
    };

    /// <summary>What Go calls a value's type.</summary>
    public static string TypeName(object? value) => value switch
    {
        string => "string",
        bool => "bool",
        long => "int",
        double => "float64",
        JsonList => "[]interface {}",
        IReadOnlyList<string> => "[]string",
        ITemplateFields fields => fields.TypeName,
        _ => "<nil>",
    };
}
