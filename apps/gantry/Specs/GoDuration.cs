using Gantry.Cli.Flags;

namespace Gantry.Cli.Specs;

/// <summary>Durations as Go writes them: <c>1h30m</c>, <c>1.5s</c>, <c>-2ms</c>.</summary>
/// <remarks>Source: Go time.ParseDuration.</remarks>
internal static class GoDuration
{
    /// <summary>Nanoseconds of a duration.</summary>
    /// <exception cref="FlagException">It is none, in Go's words.</exception>
    public static long Parse(string text)
    {
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
            rest = rest[1..];
        if (rest is "0")
            return 0;
        if (rest.IsEmpty)
            throw Invalid(text);
        decimal total = 0;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOfAnyExcept("0123456789.");
            var number = end < 0 ? rest : rest[..end];
            if (!decimal.TryParse(number, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var amount))
                throw Invalid(text);
            if (end < 0)
                throw new FlagException($"time: missing unit in duration {GoQuote.Quote(text)}");
            rest = rest[end..];
            var unitEnd = rest.IndexOfAny("0123456789.");
            var unit = unitEnd < 0 ? rest : rest[..unitEnd];
            total += amount * UnitNanoseconds(unit.ToString(), text);
            if (total > long.MaxValue)
                throw Invalid(text);
            rest = unitEnd < 0 ? [] : rest[unitEnd..];
        }
        return (long)(negative ? -total : total);
    }

    private static decimal UnitNanoseconds(string unit, string text) => unit switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => throw new FlagException($"time: unknown unit {GoQuote.Quote(unit)} in duration {GoQuote.Quote(text)}"),
    };

    private static FlagException Invalid(string text) => new($"time: invalid duration {GoQuote.Quote(text)}");
}
