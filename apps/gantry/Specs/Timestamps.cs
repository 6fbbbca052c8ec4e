using System.Globalization;
using Gantry.Cli.Flags;
using Gantry.Model;

namespace Gantry.Cli.Specs;

/// <summary>Times as <c>--since</c> and <c>--until</c> take them: seconds since 1970, RFC 3339, a date, or a duration before now.</summary>
/// <remarks>Source: docker logs reference, "--since".</remarks>
internal static class Timestamps
{
    private static readonly string[] Local = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH", "yyyy-MM-dd"];

    /// <summary>The form that the API takes: seconds and nanoseconds since 1970; null: not given.</summary>
    /// <exception cref="FlagException">It is no time.</exception>
    public static string? Wire(string text, DateTimeOffset now)
    {
        if (text.Length == 0)
            return null;
        if (FindDuration(text) is { } nanoseconds)
            return Text(now.AddTicks(-nanoseconds / 100));
        if (DateTime.TryParseExact(text, Local, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var local))
            return Text(local);
        if (text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return Text(time);
        var seconds = text.Split('.');
        return seconds.Length <= 2 && seconds.All(static p => p.Length > 0 && p.All(char.IsAsciiDigit))
            ? text
            : throw new FlagException($"failed to parse value as time or duration: {GoText.Quote(text)}");
    }

    private static string Text(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        return string.Create(CultureInfo.InvariantCulture, $"{Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest)}.{rest * 100:d9}");
    }

    private static long? FindDuration(string text)
    {
        if (text.All(char.IsAsciiDigit))
            return null;
        try
        {
            return GoDuration.Parse(text);
        }
        catch (GantryException)
        {
            return null;
        }
    }
}
