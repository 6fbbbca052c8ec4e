using System.Globalization;
using Gantry.Model;

namespace Gantry.Engine.Images;

/// <summary>Times of images, as configurations and filters write them.</summary>
internal static class ImageTimes
{
    /// <summary>RFC 3339 to seconds since 1970; 0 when it is missing or malformed.</summary>
    public static long Seconds(string? created) => Parse(created)?.ToUnixTimeSeconds() ?? 0;

    /// <summary>RFC 3339; null when it is missing, malformed, or Go's zero time.</summary>
    public static DateTimeOffset? Parse(string? created) =>
        DateTimeOffset.TryParse(created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time.Year > 1 ? time : null;

    /// <summary>A filter's moment: seconds since 1970, RFC 3339 (also cut), or how long ago (<c>1h30m</c>).</summary>
    /// <remarks>Source: moby api/types/time/timestamp.go.</remarks>
    public static DateTimeOffset Moment(string text, DateTimeOffset now)
    {
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < 200_000_000_000m)
            return DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
        if (Duration(text) is { } ago)
            return now - ago;
        if (text.Length >= 10 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;
        throw GantryException.Of(ErrorKind.Invalid, $"invalid filter 'until=[{text}]': write a time as 2006-01-02T15:04:05, seconds since 1970, or an age as 24h");
    }

    /// <summary>A length of time as <c>1h30m</c>; null: the text is none.</summary>
    public static TimeSpan? Duration(string text)
    {
        var rest = text.AsSpan();
        var total = TimeSpan.Zero;
        if (rest.IsEmpty)
            return null;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 1e9)
                return null;
            rest = rest[digits..];
            var unit = rest.IndexOfAny("0123456789.");
            if (unit < 0)
                unit = rest.Length;
            TimeSpan? one = rest[..unit] switch
            {
                "h" => TimeSpan.FromHours(1),
                "m" => TimeSpan.FromMinutes(1),
                "s" => TimeSpan.FromSeconds(1),
                "ms" => TimeSpan.FromMilliseconds(1),
                "us" or "µs" => TimeSpan.FromMicroseconds(1),
                "ns" => TimeSpan.FromTicks(0),
                _ => null,
            };
            if (one is null)
                return null;
            total += one.Value * number;
            rest = rest[unit..];
        }

        return total;
    }
}
