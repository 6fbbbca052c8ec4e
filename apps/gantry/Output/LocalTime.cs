using System.Globalization;

namespace Gantry.Cli.Output;

/// <summary>Times in the user's zone, as Go prints them.</summary>
internal static class LocalTime
{
    /// <summary>As in <c>2024-01-31 12:00:00 +0100 CET</c>.</summary>
    public static string Text(DateTimeOffset time)
    {
        var local = time.ToLocalTime();
        return local.ToString("yyyy-MM-dd HH:mm:ss ", CultureInfo.InvariantCulture) + Offset(local.Offset) + " " + Zone(local);
    }

    /// <summary>As in <c>2024-01-31T12:00:00.123456789Z</c>, from nanoseconds since 1970.</summary>
    public static string Nano(long nanoseconds)
    {
        var (seconds, rest) = Math.DivRem(nanoseconds, 1_000_000_000);
        var local = DateTimeOffset.FromUnixTimeSeconds(seconds).ToLocalTime();
        var zone = local.Offset == TimeSpan.Zero ? "Z" : Offset(local.Offset).Insert(3, ":");
        return local.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + $".{rest:d9}" + zone;
    }

    private static string Offset(TimeSpan offset) => (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString("hhmm", CultureInfo.InvariantCulture);

    private static string Zone(DateTimeOffset local)
    {
        if (local.Offset == TimeSpan.Zero)
            return "UTC";
        var name = TimeZoneInfo.Local.IsDaylightSavingTime(local) ? TimeZoneInfo.Local.DaylightName : TimeZoneInfo.Local.StandardName;
        return name.Length is > 0 and <= 5 ? name : Offset(local.Offset);
    }
}
