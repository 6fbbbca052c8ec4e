using System.Globalization;

namespace Gantry.Api.Routing;

/// <summary>The forms of time that clients send in <c>since</c> and <c>until</c>.</summary>
/// <remarks>Source: moby api/types/time/timestamp.go; Go time.ParseDuration.</remarks>
public static class Timestamp
{
    private const long TicksPerSecond = TimeSpan.TicksPerSecond;

    private static readonly string[] Layouts =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HHK", "yyyy-MM-dd'T'K", "yyyy-MM-ddK",
    ];

    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset time)
    {
        if (TryUnix(text, out time))
            return true;
        if (TryDuration(text, out var duration))
        {
            time = now - duration;
            return true;
        }
        return DateTimeOffset.TryParseExact(Shorten(text), Layouts, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    /// <summary>Go's durations: <c>1h30m</c>, <c>1.5s</c>, <c>300ms</c>, with a sign.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan();
        var negative = rest is ['-', ..];
        if (rest is ['-' or '+', ..])
            rest = rest[1..];
        if (rest.IsEmpty)
            return false;
        double ticks = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            rest = rest[digits..];
            var letters = rest.IndexOfAny("0123456789.");
            var unit = letters < 0 ? rest : rest[..letters];
            double scale = unit switch
            {
                "ns" => TicksPerSecond / 1e9,
                "us" or "µs" or "μs" => TicksPerSecond / 1e6,
                "ms" => TicksPerSecond / 1e3,
                "s" => TicksPerSecond,
                "m" => TicksPerSecond * 60,
                "h" => TicksPerSecond * 3600.0,
                _ => -1,
            };
            if (scale < 0)
                return false;
            ticks += number * scale;
            rest = rest[unit.Length..];
        }
        if (ticks > TimeSpan.MaxValue.Ticks / 2.0)
            return false;
        duration = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    // seconds, or seconds.nanoseconds, where the fraction counts as it stands: 1.5 is 500 ms.
    private static bool TryUnix(string text, out DateTimeOffset time)
    {
        time = default;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? text : text[..dot];
        var fraction = dot < 0 ? string.Empty : text[(dot + 1)..];
        if (!long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) || seconds is < -62_135_596_800 or > 253_402_300_799)
            return false;
        long nanoseconds = 0;
        if (fraction.Length > 0 && !long.TryParse(fraction.PadRight(9, '0').AsSpan(0, 9), NumberStyles.None, CultureInfo.InvariantCulture, out nanoseconds))
            return false;
        time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100);
        return true;
    }

    // .NET counts in ticks of 100 ns: of the nine digits that Go writes, seven can be kept.
    private static string Shorten(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
            return text;
        var end = dot + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end - dot - 1 <= 7 ? text : text.Remove(dot + 8, end - dot - 8);
    }
}
