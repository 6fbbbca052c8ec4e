using Gantry.Cli.Flags;
using Gantry.Model.Api;

namespace Gantry.Cli.Specs;

/// <summary><c>--device /dev/fuse</c>, <c>--device /dev/a:/dev/b:r</c>, <c>--device vendor.com/class=name</c>.</summary>
internal static class DeviceSpec
{
    /// <summary>Whether it names a device of the Container Device Interface rather than a file.</summary>
    /// <remarks>Source: CDI spec, qualified device names: <c>vendor/class=name</c>.</remarks>
    public static bool IsQualifiedName(string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        return slash > 0 && equals > slash + 1 && equals < value.Length - 1 && char.IsAsciiLetter(value[0]) && char.IsAsciiLetter(value[slash + 1]);
    }

    /// <summary>Reads a device file's mapping.</summary>
    /// <exception cref="FlagException">It makes no sense.</exception>
    public static DeviceMapping Parse(string value)
    {
        var parts = value.Split(':');
        if (value.Length == 0 || parts.Length > 3)
            throw new FlagException($"bad format for path: {value}");
        if (parts.Length == 3 && !IsMode(parts[2]))
            throw new FlagException($"bad mode specified: {parts[2]}");
        var inContainer = parts[0];
        var permissions = "rwm";
        if (parts.Length == 3)
            permissions = parts[2];
        if (parts.Length >= 2 && parts[1].Length > 0)
        {
            if (parts.Length == 2 && IsMode(parts[1]))
                permissions = parts[1];
            else
                inContainer = parts[1];
        }
        if (!inContainer.StartsWith('/'))
            throw new FlagException($"{inContainer} is not an absolute path");
        return new() { PathOnHost = parts[0], PathInContainer = inContainer, CgroupPermissions = permissions };
    }

    private static bool IsMode(string text) => text.Length is > 0 and <= 3 && text.All(static c => c is 'r' or 'w' or 'm') && text.Distinct().Count() == text.Length;
}
