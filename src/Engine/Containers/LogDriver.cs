using System.Globalization;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Containers;

/// <summary>Reads a container's log configuration. Pure.</summary>
internal static class LogDriver
{
    /// <summary>Whether the driver keeps a log that can be read back.</summary>
    public static bool IsReadable(HostConfigLogConfig? config) => config?.Type is not "none";

    /// <summary>Refuses drivers and options that there are not.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static void Check(HostConfigLogConfig? config) => Options(config, "");

    /// <summary>What the monitor is told; null: no log.</summary>
    /// <param name="config">The container's.</param>
    /// <param name="path">Where the log goes.</param>
    /// <remarks>Source: moby daemon/logger/jsonfilelog: max-size, max-file; labels and env only choose attributes.</remarks>
    public static MonitorLogOptions? Options(HostConfigLogConfig? config, string path)
    {
        switch (config?.Type)
        {
            case "none":
                return null;
            case null or "" or "json-file":
                break;
            default:
                throw GantryException.Of(ErrorKind.Invalid, $"logger: no log driver named '{config.Type}' is registered: use json-file or none");
        }
        long maxSize = 0;
        var maxFiles = 1;
        foreach (var (key, value) in config?.Config ?? new Dictionary<string, string>())
        {
            switch (key)
            {
                case "max-size":
                    maxSize = value == "-1" ? 0 : Size(value);
                    break;
                case "max-file":
                    if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out maxFiles) || maxFiles < 1)
                        throw GantryException.Of(ErrorKind.Invalid, $"max-file cannot be less than 1: \"{value}\"");
                    break;
                case "labels" or "labels-regex" or "env" or "env-regex" or "tag" or "compress" or "mode" or "max-buffer-size":
                    break;
                default:
                    throw GantryException.Of(ErrorKind.Invalid, $"unknown log opt '{key}' for json-file log driver");
            }
        }
        if (maxSize == 0 && maxFiles > 1)
            throw GantryException.Of(ErrorKind.Invalid, "max-file needs max-size: without a largest size a log is never rotated");
        return new MonitorLogOptions { Path = path, MaxSizeBytes = maxSize, MaxFiles = maxFiles };
    }

    /// <summary>Reads <c>10m</c>, <c>1g</c>, <c>512k</c>, <c>100</c> (units of 1024).</summary>
    internal static long Size(string text)
    {
        var digits = text.TrimEnd('b', 'B', 'k', 'K', 'm', 'M', 'g', 'G', 'i');
        var factor = text[digits.Length..].ToLowerInvariant() switch
        {
            "" or "b" => 1L,
            "k" or "kb" or "kib" => 1L << 10,
            "m" or "mb" or "mib" => 1L << 20,
            "g" or "gb" or "gib" => 1L << 30,
            _ => 0,
        };
        return factor > 0 && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0
            ? (long)(number * factor)
            : throw GantryException.Of(ErrorKind.Invalid, $"invalid size: '{text}': write it as in 10m");
    }
}
