using System.Globalization;
using Gantry.Kernel.Sys;

namespace Gantry.Engine.Operations;

/// <summary>Times as Go writes them into JSON.</summary>
public static class GoTime
{
    /// <summary>What Go's zero time looks like: never.</summary>
    public const string Zero = "0001-01-01T00:00:00Z";

    /// <summary>RFC 3339 in UTC with as many decimals as there are; <see cref="Zero"/> for never.</summary>
    public static string Format(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture) ?? Zero;

    /// <summary>The same for a file's time: nine decimals can be, of which .NET's times hold seven.</summary>
    public static string Format(FileTime time)
    {
        var seconds = Math.Clamp(time.Seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds());
        var text = DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        var decimals = time.Nanoseconds.ToString("d9", CultureInfo.InvariantCulture).TrimEnd('0');
        return decimals.Length == 0 ? $"{text}Z" : $"{text}.{decimals}Z";
    }
}
