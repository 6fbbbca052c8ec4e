using System.Globalization;

namespace Gantry.Engine.Operations;

/// <summary>Times as Go writes them into JSON.</summary>
public static class GoTime
{
    /// <summary>What Go's zero time looks like: never.</summary>
    public const string Zero = "0001-01-01T00:00:00Z";

    /// <summary>RFC 3339 in UTC with as many decimals as there are; <see cref="Zero"/> for never.</summary>
    public static string Format(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture) ?? Zero;
}
