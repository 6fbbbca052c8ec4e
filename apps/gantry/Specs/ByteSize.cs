using System.Globalization;
using Gantry.Cli.Flags;
using Gantry.Model;

namespace Gantry.Cli.Specs;

/// <summary>Sizes as people write them, <c>512m</c>, <c>1.5GiB</c>; every unit is a power of 1024.</summary>
/// <remarks>Source: what docker 28.2.2 accepts for --memory (go-units RAMInBytes).</remarks>
internal static class ByteSize
{
    /// <summary>Bytes of a size.</summary>
    /// <exception cref="FlagException">It is none.</exception>
    public static long Parse(string text)
    {
        var last = text.LastIndexOfAny(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', ' ']);
        if (last < 0)
            throw Invalid(text);
        var suffix = text[(last + 1)..].ToLowerInvariant();
        var digits = text[..(text[last] == ' ' ? last : last + 1)];
        if (!double.TryParse(digits, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number))
            throw new FlagException($"strconv.ParseFloat: parsing {GoText.Quote(digits)}: invalid syntax");
        if (number < 0)
            throw Invalid(text);
        var factor = suffix switch
        {
            "" or "b" => 1L,
            "k" or "kb" or "kib" => 1L << 10,
            "m" or "mb" or "mib" => 1L << 20,
            "g" or "gb" or "gib" => 1L << 30,
            "t" or "tb" or "tib" => 1L << 40,
            "p" or "pb" or "pib" => 1L << 50,
            _ => throw new FlagException($"invalid suffix: '{suffix}'"),
        };
        return (long)(number * factor);
    }

    /// <summary>A swap limit: <c>-1</c> is no limit.</summary>
    public static string NormalizeSwap(string text) => text == "-1" ? text : Parse(text).ToString(CultureInfo.InvariantCulture);

    private static FlagException Invalid(string text) => new($"invalid size: '{text}'");
}
