using System.Globalization;

namespace Gantry.Model;

/// <summary>Lengths of time as Go prints them: <c>1h30m0s</c>, <c>1.5s</c>, <c>250ms</c>.</summary>
/// <remarks>Source: Go time.Duration.String, time.ParseDuration.</remarks>
public static class GoDuration
{
    /// <summary>Reads a length of time: numbers with units from ns to h.</summary>
    /// <returns>Nanoseconds.</returns>
    /// <exception cref="GantryException">Invalid: it is none, in Go's words.</exception>
    public static long Parse(string text)
    {
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
            rest = rest[1..];
        if (rest is "0")
            return 0;
        if (rest.IsEmpty)
            throw NoDuration(text);
        decimal total = 0;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOfAnyExcept("0123456789.");
            var digits = end < 0 ? rest : rest[..end];
            // Thirty digits are more than any length of time has; a longer number would leave decimal's range.
            if (digits.Length > 30 || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                throw NoDuration(text);
            if (end < 0)
                throw GantryException.Of(ErrorKind.Invalid, $"time: missing unit in duration {GoText.Quote(text)}");
            rest = rest[end..];
            end = rest.IndexOfAny("0123456789.");
            var unit = end < 0 ? rest : rest[..end];
            var scale = Nanoseconds(unit.ToString(), text);
            if (number > (long.MaxValue - total) / scale)
                throw NoDuration(text);
            total += number * scale;
            rest = end < 0 ? [] : rest[end..];
        }
        return (long)(negative ? -total : total);
    }

    /// <summary>Prints a length of time; what is shorter than 100 ns does not show.</summary>
    public static string Format(TimeSpan length)
    {
        if (length == TimeSpan.Zero)
            return "0s";
        if (length < TimeSpan.Zero)
            return "-" + Format(-length);
        if (length < TimeSpan.FromSeconds(1))
        {
            return length < TimeSpan.FromMilliseconds(1)
                ? Number(length.TotalMicroseconds) + "µs"
                : Number(length.TotalMilliseconds) + "ms";
        }
        var seconds = Number(length.Seconds + ((double)(length.Ticks % TimeSpan.TicksPerSecond) / TimeSpan.TicksPerSecond)) + "s";
        if (length < TimeSpan.FromMinutes(1))
            return seconds;
        var minutes = Number(length.Minutes) + "m" + seconds;
        return length < TimeSpan.FromHours(1) ? minutes : Number(Math.Floor(length.TotalHours)) + "h" + minutes;
    }

    private static decimal Nanoseconds(string unit, string text) => unit switch
    {
        "ns" => 1,
        "us" or "\u00b5s" or "\u03bcs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => throw GantryException.Of(ErrorKind.Invalid, $"time: unknown unit {GoText.Quote(unit)} in duration {GoText.Quote(text)}"),
    };

    private static GantryException NoDuration(string text) => GantryException.Of(ErrorKind.Invalid, $"time: invalid duration {GoText.Quote(text)}");

    private static string Number(double number) => number.ToString("0.#######", CultureInfo.InvariantCulture);
}
