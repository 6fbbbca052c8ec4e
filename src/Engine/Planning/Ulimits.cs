using System.Globalization;
using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>Resource limits of processes, as people and clients write them. Pure.</summary>
/// <remarks>Source: go-units ulimit.go.</remarks>
public static class Ulimits
{
    private static readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase)
    {
        "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    };

    /// <summary>What is wrong with a limit; null when nothing is.</summary>
    public static string? Problem(HostConfigUlimits limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        if (!_names.Contains(limit.Name ?? ""))
            return $"invalid ulimit type: {limit.Name}";
        // -1 is unlimited, and above every number.
        return (ulong)(limit.Soft ?? 0) > (ulong)(limit.Hard ?? limit.Soft ?? 0)
            ? $"ulimit soft limit must be less than or equal to hard limit: {limit.Soft} > {limit.Hard}"
            : null;
    }

    /// <summary>Reads <c>nofile=1024</c> or <c>nofile=1024:2048</c>, soft before hard.</summary>
    /// <exception cref="FormatException">It is not of that form, or not a limit.</exception>
    public static HostConfigUlimits Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var pair = text.Split('=', 2);
        var numbers = pair[^1].Split(':');
        if (pair.Length != 2 || numbers.Length > 2 || !Number(numbers[0], out var soft) || !Number(numbers[^1], out var hard))
            throw new FormatException($"\"{text}\": expected NAME=SOFT[:HARD], as in nofile=1024:4096");
        var limit = new HostConfigUlimits { Name = pair[0], Soft = soft, Hard = hard };
        return Problem(limit) is { } problem ? throw new FormatException(problem) : limit;
    }

    private static bool Number(string text, out long number) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) && number >= -1;
}
