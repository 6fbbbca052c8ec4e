using System.Globalization;
using System.Text;
using Gantry.Model;

namespace Gantry.Cli.Templates;

/// <summary>Prints values as Go's fmt does.</summary>
internal static class GoFormat
{
    /// <summary>A value as <c>%v</c> shows it.</summary>
    public static string Print(object? value) =>
        value switch
        {
            null => "<nil>",
            NoValue none => none.ToString(),
            string s => s,
            bool b => b ? "true" : "false",
            long n => n.ToString(CultureInfo.InvariantCulture),
            double d => Real(d),
            JsonList list => "[" + string.Join(' ', list.Items.Select(static i => Print(i))) + "]",
            IReadOnlyList<string> list => "[" + string.Join(' ', list) + "]",
            JsonFields { IsMap: false } fields => "{" + string.Join(' ', fields.Fields.Select(static f => Print(f.Value))) + "}",
            ITemplateFields fields => "map[" + string.Join(' ', fields.Fields.OrderBy(static f => f.Key, StringComparer.Ordinal).Select(static f => $"{f.Key}:{Print(f.Value)}")) + "]",
            _ => value.ToString() ?? "",
        };

    /// <summary>Formats as Go's Sprintf: verbs v s d q x X t f e g c U T %, with flags, width and precision.</summary>
    public static string Printf(string format, IReadOnlyList<object?> arguments)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }
            var start = ++i;
            while (i < format.Length && format[i] is '-' or '+' or '#' or ' ' or '0')
                i++;
            var flags = format[start..i];
            var width = Number(format, ref i);
            int? precision = null;
            if (i < format.Length && format[i] == '.')
            {
                i++;
                precision = Number(format, ref i) ?? 0;
            }
            if (i >= format.Length)
                return text.Append("%!(NOVERB)").ToString();
            if (format[i] == '%')
                text.Append('%');
            else if (next >= arguments.Count)
                text.Append("%!").Append(format[i]).Append("(MISSING)");
            else
                text.Append(Padded(Verb(format[i], arguments[next++], flags, precision), flags, width ?? 0));
        }
        if (next < arguments.Count)
            text.Append("%!(EXTRA ").AppendJoin(", ", arguments.Skip(next).Select(static a => $"{GoValue.TypeName(a)}={Print(a)}")).Append(')');
        return text.ToString();
    }

    private static string Verb(char verb, object? value, string flags, int? precision)
    {
        var plus = flags.Contains('+', StringComparison.Ordinal) ? "+" : flags.Contains(' ', StringComparison.Ordinal) ? " " : "";
        switch (verb, value)
        {
            case ('v', _):
                return Print(value);
            case ('s', long or double or bool):
                return $"%!s({GoValue.TypeName(value)}={Print(value)})";
            case ('s', null):
                return "%!s(<nil>)";
            case ('s', _):
                return precision is { } most && Print(value) is { } whole && whole.Length > most ? whole[..most] : Print(value);
            case ('q', string q):
                return GoText.Quote(q);
            case ('d', long n):
                return (n >= 0 ? plus : "") + n.ToString(CultureInfo.InvariantCulture);
            case ('x', long n):
                return n.ToString("x", CultureInfo.InvariantCulture);
            case ('X', long n):
                return n.ToString("X", CultureInfo.InvariantCulture);
            case ('x', string s):
                return Convert.ToHexStringLower(Encoding.UTF8.GetBytes(s));
            case ('X', string s):
                return Convert.ToHexString(Encoding.UTF8.GetBytes(s));
            case ('o', long n):
                return Convert.ToString(n, 8);
            case ('b', long n):
                return Convert.ToString(n, 2);
            case ('c', long n) when Rune.IsValid((int)n):
                return new Rune((int)n).ToString();
            case ('t', bool):
                return Print(value);
            case ('f', double d):
                return (d >= 0 ? plus : "") + d.ToString("F" + (precision ?? 6), CultureInfo.InvariantCulture);
            case ('e', double d):
                return d.ToString("0." + new string('0', precision ?? 6) + "e+00", CultureInfo.InvariantCulture);
            case ('g', double d):
                return Real(d);
            case ('T', _):
                return GoValue.TypeName(value);
            default:
                return $"%!{verb}({GoValue.TypeName(value)}={Print(value)})";
        }
    }

    private static string Padded(string text, string flags, int width)
    {
        var missing = width - text.EnumerateRunes().Count();
        if (missing <= 0)
            return text;
        if (flags.Contains('-', StringComparison.Ordinal))
            return text + new string(' ', missing);
        if (!flags.Contains('0', StringComparison.Ordinal))
            return new string(' ', missing) + text;
        var sign = text.StartsWith('-') || text.StartsWith('+') ? 1 : 0;
        return text[..sign] + new string('0', missing) + text[sign..];
    }

    private static int? Number(string format, ref int at)
    {
        var start = at;
        while (at < format.Length && char.IsAsciiDigit(format[at]))
            at++;
        return at == start ? null : int.TryParse(format.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, 10_000) : 10_000;
    }

    private static string Real(double value)
    {
        if (value != 0 && Math.Abs(value) is < 1e-4 or >= 1e21)
            return value.ToString("0.################e+00", CultureInfo.InvariantCulture);
        return value.ToString("0.################", CultureInfo.InvariantCulture);
    }
}
