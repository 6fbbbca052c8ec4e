using System.Globalization;
using System.Text;

namespace Gantry.Cli.Templates;

/// <summary>The functions of Go's templates and the ones that Docker adds.</summary>
/// <remarks>Source: pkg.go.dev/text/template "Functions"; docs.docker.com "Format command and log output".</remarks>
internal static class TemplateFunctions
{
    /// <summary>Whether a function exists.</summary>
    public static bool Exists(string name) => name is
        "and" or "or" or "not" or "len" or "index" or "slice" or "print" or "printf" or "println" or "html" or "js" or "urlquery"
        or "eq" or "ne" or "lt" or "le" or "gt" or "ge"
        or "json" or "join" or "split" or "lower" or "upper" or "title" or "pad" or "truncate";

    /// <summary>Calls a function.</summary>
    /// <exception cref="TemplateException">Too few or too many arguments, or of the wrong kind.</exception>
    public static object? Call(string name, object?[] arguments) => name switch
    {
        "not" => !GoValue.IsTrue(One(name, arguments)),
        "len" => Length(One(name, arguments)),
        "index" => Index(arguments),
        "slice" => Slice(arguments),
        "print" => Print(arguments),
        "println" => string.Join(' ', arguments.Select(static a => GoFormat.Print(a))) + "\n",
        "printf" => arguments.Length > 0 ? GoFormat.Printf(Text(arguments[0]), arguments.Skip(1).ToList()) : throw Wrong(name, "at least 1", 0),
        "html" => System.Net.WebUtility.HtmlEncode(Print(arguments)),
        "js" => Print(arguments).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("<", "\\u003C", StringComparison.Ordinal).Replace(">", "\\u003E", StringComparison.Ordinal).Replace("\n", "\\u000A", StringComparison.Ordinal),
        "urlquery" => Uri.EscapeDataString(Print(arguments)).Replace("%20", "+", StringComparison.Ordinal),
        "eq" => Equal(arguments),
        "ne" => GoValue.Compare(Two(name, arguments).Left, arguments[1]) != 0,
        "lt" => Order(name, arguments) < 0,
        "le" => Order(name, arguments) <= 0,
        "gt" => Order(name, arguments) > 0,
        "ge" => Order(name, arguments) >= 0,
        "json" => One(name, arguments) is ITemplateFields and not JsonFields ? JsonText.Escaped(arguments[0]) : JsonText.Of(arguments[0]),
        "join" => string.Join(Text(Two(name, arguments).Right), Strings(arguments[0])),
        "split" => Text(Two(name, arguments).Left).Split(Text(arguments[1])),
        "lower" => Text(One(name, arguments)).ToLowerInvariant(),
        "upper" => Text(One(name, arguments)).ToUpperInvariant(),
        "title" => Title(Text(One(name, arguments))),
        "pad" => arguments.Length == 3 ? new string(' ', (int)Whole(arguments[1])) + Text(arguments[0]) + new string(' ', (int)Whole(arguments[2])) : throw Wrong(name, "3", arguments.Length),
        "truncate" => Truncate(Text(Two(name, arguments).Left), (int)Whole(arguments[1])),
        _ => throw new TemplateException($"function \"{name}\" not defined"),
    };

    private static object? One(string name, object?[] arguments) => arguments.Length == 1 ? arguments[0] : throw Wrong(name, "1", arguments.Length);

    private static (object? Left, object? Right) Two(string name, object?[] arguments) =>
        arguments.Length == 2 ? (arguments[0], arguments[1]) : throw Wrong(name, "2", arguments.Length);

    private static TemplateException Wrong(string name, string want, int got) => new($"wrong number of args for {name}: want {want} got {got}");

    private static int Order(string name, object?[] arguments)
    {
        var (left, right) = Two(name, arguments);
        return left is null or bool || right is null or bool ? throw new TemplateException("invalid type for comparison") : GoValue.Compare(left, right);
    }

    private static bool Equal(object?[] arguments)
    {
        if (arguments.Length < 2)
            throw new TemplateException("missing argument for comparison");
        return arguments.Skip(1).Any(other => GoValue.Compare(arguments[0], other) == 0);
    }

    private static long Length(object? value) => value switch
    {
        string s => Encoding.UTF8.GetByteCount(s),
        JsonList list => list.Count,
        IReadOnlyList<string> list => list.Count,
        IReadOnlyList<ITemplateFields> list => list.Count,
        ITemplateFields fields => fields.Fields.Count(),
        null => throw new TemplateException("len of nil pointer"),
        _ => throw new TemplateException($"len of type {GoValue.TypeName(value)}"),
    };

    private static object? Index(object?[] arguments)
    {
        if (arguments.Length == 0)
            throw Wrong("index", "at least 1", 0);
        var value = arguments[0];
        foreach (var key in arguments.Skip(1))
        {
            value = (value, key) switch
            {
                (JsonList list, long i) => i >= 0 && i < list.Count ? list[(int)i] : throw OutOfRange(i),
                (IReadOnlyList<string> list, long i) => i >= 0 && i < list.Count ? list[(int)i] : throw OutOfRange(i),
                (string s, long i) => i >= 0 && i < s.Length ? (long)Encoding.UTF8.GetBytes(s)[(int)i] : throw OutOfRange(i),
                (JsonFields fields, string name) => fields.Find(name) ?? Missing(fields),
                (IReadOnlyList<ITemplateFields> list, long i) => i >= 0 && i < list.Count ? list[(int)i] : throw OutOfRange(i),
                (ITemplateFields fields, string name) => fields.TryGet(name, [], out var found) ? found : null,
                (null, _) => throw new TemplateException("index of untyped nil"),
                (_, string) => throw new TemplateException("cannot index slice/array with type string"),
                _ => throw new TemplateException($"can't index item of type {GoValue.TypeName(value)}"),
            };
        }
        return value;
    }

    // A key that a map does not have gives its values' zero: maps of the API hold texts, but for the ports' lists.
    internal static object? Missing(JsonFields map)
    {
        foreach (var (_, value) in map.Fields)
            return value is string ? "" : null;
        return "";
    }

    private static string Slice(object?[] arguments)
    {
        var text = Text(arguments.Length > 0 ? arguments[0] : throw Wrong("slice", "at least 1", 0));
        var from = arguments.Length > 1 ? Whole(arguments[1]) : 0;
        var to = arguments.Length > 2 ? Whole(arguments[2]) : text.Length;
        return from >= 0 && from <= to && to <= text.Length ? text[(int)from..(int)to] : throw OutOfRange(to);
    }

    private static string Print(object?[] arguments)
    {
        var text = new StringBuilder();
        for (var i = 0; i < arguments.Length; i++)
        {
            // Go's Sprint puts a blank between two operands when neither is a string.
            if (i > 0 && arguments[i] is not string && arguments[i - 1] is not string)
                text.Append(' ');
            text.Append(GoFormat.Print(arguments[i]));
        }
        return text.ToString();
    }

    private static IEnumerable<string> Strings(object? value) => value switch
    {
        IReadOnlyList<string> list => list,
        JsonList list => list.Items.Select(static i => GoFormat.Print(i)),
        string text => [text],
        null => [],
        _ => throw new TemplateException($"wrong type for value; expected []string; got {GoValue.TypeName(value)}"),
    };

    private static string Title(string text)
    {
        var title = new StringBuilder(text.Length);
        var start = true;
        foreach (var c in text)
        {
            title.Append(start ? char.ToUpperInvariant(c) : c);
            start = char.IsWhiteSpace(c);
        }
        return title.ToString();
    }

    private static string Truncate(string text, int length)
    {
        var runes = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (length-- <= 0)
                break;
            runes.Append(rune.ToString());
        }
        return runes.ToString();
    }

    private static string Text(object? value) => value switch
    {
        string s => s,
        null => throw new TemplateException("invalid value; expected string"),
        bool or long or double => GoFormat.Print(value),
        _ => throw new TemplateException($"wrong type for value; expected string; got {GoValue.TypeName(value)}"),
    };

    private static long Whole(object? value) => value is long number and >= 0 and < 100_000
        ? number
        : throw new TemplateException($"wrong type for value; expected int; got {GoValue.TypeName(value)}");

    private static TemplateException OutOfRange(long index) => new($"reflect: slice index out of range: {index.ToString(CultureInfo.InvariantCulture)}");
}
