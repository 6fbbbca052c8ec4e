using System.Globalization;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Builds;

/// <summary>Reads <c>--ulimit</c>: <c>name=soft[:hard]</c>.</summary>
internal static class BuildUlimit
{
    /// <exception cref="GantryException">Invalid: it cannot be read.</exception>
    public static HostConfigUlimits Parse(string text)
    {
        var parts = text.Split('=', 2);
        var limits = parts.Length == 2 ? parts[1].Split(':', 2) : [];
        if (limits.Length == 0 || !TryRead(limits[0], out var soft) || !TryRead(limits[^1], out var hard))
            throw GantryException.Of(ErrorKind.Invalid, $"invalid ulimit \"{text}\": write it as NAME=SOFT or NAME=SOFT:HARD, as in nofile=1024:2048");
        return new() { Name = parts[0], Soft = soft, Hard = hard };
    }

    private static bool TryRead(string text, out long limit) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out limit);
}
