using System.Globalization;

namespace Gantry.Model;

/// <summary>Lengths of time as Go prints them: <c>1h30m0s</c>, <c>1.5s</c>, <c>250ms</c>.</summary>
/// <remarks>Source: Go time.Duration.String.</remarks>
public static class GoDuration
{
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

    private static string Number(double number) => number.ToString("0.#######", CultureInfo.InvariantCulture);
}
