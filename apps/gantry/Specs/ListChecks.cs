using System.Globalization;
using System.Net;
using Gantry.Cli.Flags;
using Gantry.Model;

namespace Gantry.Cli.Specs;

/// <summary>Checks of the values of list flags, each in docker 28.2.2's words.</summary>
internal static class ListChecks
{
    /// <summary><c>A=1</c> as it is; <c>A</c> with this process's value when it has one.</summary>
    public static string Environment(string value)
    {
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        if (value.Length == 0 || equals == 0)
            throw new FlagException($"invalid environment variable: {value}");
        return equals > 0 || System.Environment.GetEnvironmentVariable(value) is not { } known ? value : $"{value}={known}";
    }

    public static string Label(string value) =>
        value.Length > 0 && value[0] != '=' ? value : throw new FlagException($"invalid label '{value}': empty name");

    public static string Attach(string value)
    {
        var stream = value.ToLowerInvariant();
        return stream is "stdin" or "stdout" or "stderr" ? stream : throw new FlagException("valid streams are STDIN, STDOUT and STDERR");
    }

    public static string ExtraHost(string value)
    {
        var separator = value.IndexOf('=', StringComparison.Ordinal);
        if (separator < 0)
            separator = value.IndexOf(':', StringComparison.Ordinal);
        if (separator < 1)
            throw new FlagException($"bad format for add-host: {GoText.Quote(value)}");
        var address = value[(separator + 1)..];
        if (address == "host-gateway")
            return $"{value[..separator]}:{address}";
        if (address.StartsWith('[') && address.EndsWith(']'))
            address = address[1..^1];
        if (!IsAddress(address))
            throw new FlagException($"invalid IP address in add-host: {GoText.Quote(address)}");
        return $"{value[..separator]}:{address}";
    }

    public static string Address(string value)
    {
        var trimmed = value.Trim();
        return IsAddress(trimmed) ? IPAddress.Parse(trimmed).ToString() : throw new FlagException($"IP address is not correctly formatted: {value}");
    }

    public static string SearchDomain(string value)
    {
        var domain = value.Trim(' ');
        if (domain == ".")
            return domain;
        var fits = domain.Length is > 0 and < 255 && domain.Any(char.IsAsciiLetter) && !domain.StartsWith('.')
            && domain.Split('.').All(static label => label.Length < 64 && !label.StartsWith('-') && !label.EndsWith('-') && label.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
        return fits ? domain : throw new FlagException($"{value} is not a valid domain");
    }

    public static string Link(string value)
    {
        if (value.Length == 0)
            throw new FlagException("empty string specified for links");
        return value.Count(static c => c == ':') <= 1 ? value : throw new FlagException($"bad format for links: {value}");
    }

    public static string Sysctl(string value)
    {
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? "" : value[..equals];
        var allowed = name is "kernel.msgmax" or "kernel.msgmnb" or "kernel.msgmni" or "kernel.sem" or "kernel.shmall" or "kernel.shmmax" or "kernel.shmmni" or "kernel.shm_rmid_forced"
            || name.StartsWith("net.", StringComparison.Ordinal) || name.StartsWith("fs.mqueue.", StringComparison.Ordinal);
        return allowed ? value : throw new FlagException($"sysctl '{value}' is not allowed");
    }

    public static string DeviceRule(string value)
    {
        var parts = value.Split(' ');
        var fits = parts.Length == 3 && parts[0] is "a" or "b" or "c" && parts[2].Length is >= 1 and <= 3 && parts[2].All(static c => c is 'r' or 'w' or 'm')
            && parts[1].Split(':') is [var major, var minor] && IsDeviceNumber(major) && IsDeviceNumber(minor);
        return fits ? value : throw new FlagException($"invalid device cgroup format '{value}'");
    }

    public static string ThrottleBytes(string value) =>
        Throttle(value, static rate => ByteSize.Parse(rate), "<device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb");

    public static string ThrottleOperations(string value) =>
        Throttle(value, static rate => ulong.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n <= long.MaxValue ? (long)n : -1, "<device-path>:<number>. Number must be a positive integer");

    public static string DeviceWeight(string value)
    {
        var colon = DevicePath(value);
        if (!ushort.TryParse(value.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var weight) || (weight != 0 && weight is < 10 or > 1000))
            throw new FlagException($"invalid weight for device: {value}");
        return value;
    }

    private static string Throttle(string value, Func<string, long> parse, string format)
    {
        var colon = DevicePath(value);
        long rate;
        try
        {
            rate = parse(value[(colon + 1)..]);
        }
        catch (FlagException)
        {
            rate = -1;
        }
        return rate >= 0
            ? $"{value[..colon]}:{rate.ToString(CultureInfo.InvariantCulture)}"
            : throw new FlagException($"invalid rate for device: {value}. The correct format is {format}");
    }

    private static int DevicePath(string value)
    {
        var colon = value.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1)
            throw new FlagException($"bad format: {value}");
        return value.StartsWith("/dev/", StringComparison.Ordinal) ? colon : throw new FlagException($"bad format for device path: {value}");
    }

    private static bool IsDeviceNumber(string text) => text == "*" || (text.Length > 0 && text.All(char.IsAsciiDigit));

    private static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out _) && (text.Contains(':', StringComparison.Ordinal) || text.Count(static c => c == '.') == 3);
}
