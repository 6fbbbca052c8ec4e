using System.Globalization;

namespace Gantry.Cli.Output;

/// <summary>Sizes and durations as Docker shows them.</summary>
/// <remarks>Source: go-units HumanSizeWithPrecision, BytesSize and HumanDuration, by their results.</remarks>
internal static class Units
{
    private static readonly string[] Decimal = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    private static readonly string[] Binary = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

    /// <summary>Bytes in powers of 1000: <c>4.27MB</c>.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="digits">Significant digits: 4 for progress, 3 for tables.</param>
    public static string Size(double bytes, int digits = 4) => Scaled(bytes, 1000, Decimal, digits);

    /// <summary>Bytes in powers of 1024: <c>1.5GiB</c>.</summary>
    public static string BinarySize(double bytes) => Scaled(bytes, 1024, Binary, 4);

    /// <summary>A span of time in one unit: <c>5 minutes</c>, <c>About an hour</c>.</summary>
    public static string Duration(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        var minutes = (long)span.TotalMinutes;
        var hours = (long)Math.Round(span.TotalHours, MidpointRounding.AwayFromZero);
        return true switch
        {
            _ when seconds < 1 => "Less than a second",
            _ when seconds == 1 => "1 second",
            _ when seconds < 60 => $"{seconds} seconds",
            _ when minutes == 1 => "About a minute",
            _ when minutes < 60 => $"{minutes} minutes",
            _ when hours == 1 => "About an hour",
            _ when hours < 48 => $"{hours} hours",
            _ when hours < 24 * 7 * 2 => $"{hours / 24} days",
            _ when hours < 24 * 30 * 2 => $"{hours / 24 / 7} weeks",
            _ when hours < 24 * 365 * 2 => $"{hours / 24 / 30} months",
            _ => $"{(long)(span.TotalHours / 24 / 365)} years",
        };
    }

    /// <summary>A number with so many significant digits and no trailing zeros, as Go's %.*g.</summary>
    internal static string Significant(double value, int digits)
    {
        if (value == 0)
            return "0";
        // Rounded first: 999.95 to three digits is 1e+03, as in Go.
        var scientific = value.ToString("E" + (digits - 1), CultureInfo.InvariantCulture);
        var e = scientific.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(scientific.AsSpan(e + 1), CultureInfo.InvariantCulture);
        if (exponent < digits && exponent >= -4)
            return double.Parse(scientific, CultureInfo.InvariantCulture).ToString("0.###############", CultureInfo.InvariantCulture);
        var mantissa = digits > 1 ? scientific[..e].TrimEnd('0').TrimEnd('.') : scientific[..e];
        return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):d2}";
    }

    private static string Scaled(double bytes, double factor, string[] names, int digits)
    {
        var unit = 0;
        while (bytes >= factor && unit < names.Length - 1)
        {
            bytes /= factor;
            unit++;
        }
        return Significant(bytes, digits) + names[unit];
    }
}
