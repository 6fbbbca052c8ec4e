using System.Globalization;
using Gantry.Cli.Flags;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Cli.Specs;

/// <summary><c>--ulimit nofile=1024:2048</c>.</summary>
internal static class UlimitSpec
{
    private static readonly string[] Names =
        ["core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack"];

    /// <summary>Checks a value and returns it as it is.</summary>
    public static string Check(string value)
    {
        Parse(value);
        return value;
    }

    /// <summary>Reads a limit.</summary>
    /// <exception cref="FlagException">It is none.</exception>
    public static HostConfigUlimits Parse(string value)
    {
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            throw new FlagException($"invalid ulimit argument: {value}");
        var name = value[..equals];
        if (Array.IndexOf(Names, name) < 0)
            throw new FlagException($"invalid ulimit type: {name}");
        var limits = value[(equals + 1)..].Split(':');
        if (limits.Length > 2)
            throw new FlagException($"too many limit value arguments - {value[(equals + 1)..]}, can only have up to two, `soft[:hard]`");
        var soft = Number(limits[0]);
        var hard = limits.Length == 2 ? Number(limits[1]) : soft;
        if (hard != -1 && (soft == -1 || soft > hard))
            throw new FlagException($"ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}");
        return new() { Name = name, Soft = soft, Hard = hard };
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new FlagException($"strconv.ParseInt: parsing {GoText.Quote(text)}: invalid syntax");
}
