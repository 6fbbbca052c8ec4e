using System.Globalization;
using System.Text;

namespace Gantry.Model;

/// <summary>Texts and values as Go's libraries write and read them: messages that programs compare have them inside.</summary>
public static class GoText
{
    /// <summary>A text in double quotes, with what does not print escaped.</summary>
    /// <remarks>Source: Go strconv.Quote.</remarks>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
            Append(quoted, rune);
        return quoted.Append('"').ToString();
    }

    /// <summary>Reads a truth value: <c>1</c>, <c>t</c>, <c>true</c>, <c>0</c>, <c>f</c>, <c>false</c> in lower, upper or title case; null: it is none.</summary>
    /// <remarks>Source: Go strconv.ParseBool.</remarks>
    public static bool? FindBool(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => null,
    };

    /// <summary>Reads a size with a unit of 1024, as in <c>64m</c> or <c>1.5 GiB</c>; null: it is none.</summary>
    /// <returns>Bytes.</returns>
    /// <remarks>Source: docker/go-units RAMInBytes.</remarks>
    public static long? FindSize(string text)
    {
        var last = text.AsSpan().LastIndexOfAny("0123456789. ");
        if (last < 0)
            return null;
        var digits = text[..(text[last] == ' ' ? last : last + 1)];
        var scale = text[(last + 1)..].ToLowerInvariant() switch
        {
            "" or "b" => 1L,
            "k" or "kb" or "kib" => 1L << 10,
            "m" or "mb" or "mib" => 1L << 20,
            "g" or "gb" or "gib" => 1L << 30,
            "t" or "tb" or "tib" => 1L << 40,
            "p" or "pb" or "pib" => 1L << 50,
            _ => 0L,
        };
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowLeadingSign;
        return scale > 0 && double.TryParse(digits, Style, CultureInfo.InvariantCulture, out var number) && number >= 0 && number * scale < long.MaxValue
            ? (long)(number * scale)
            : null;
    }

    private static void Append(StringBuilder quoted, Rune rune) => _ = rune.Value switch
    {
        '"' => quoted.Append("\\\""),
        '\\' => quoted.Append("\\\\"),
        '\n' => quoted.Append("\\n"),
        '\r' => quoted.Append("\\r"),
        '\t' => quoted.Append("\\t"),
        '\a' => quoted.Append("\\a"),
        '\b' => quoted.Append("\\b"),
        '\f' => quoted.Append("\\f"),
        '\v' => quoted.Append("\\v"),
        < 0x20 or 0x7f => quoted.Append("\\x").Append(rune.Value.ToString("x2", CultureInfo.InvariantCulture)),
        ' ' => quoted.Append(' '),
        _ when Prints(rune) => quoted.Append(rune.ToString()),
        < 0x10000 => quoted.Append("\\u").Append(rune.Value.ToString("x4", CultureInfo.InvariantCulture)),
        _ => quoted.Append("\\U").Append(rune.Value.ToString("x8", CultureInfo.InvariantCulture)),
    };

    private static bool Prints(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
