using System.Globalization;
using Gantry.Model;

namespace Gantry.Engine.Logs.Drivers;

/// <summary>Reads the values of log options. Pure.</summary>
internal static class LogOptionReader
{
    private const int DefaultBufferBytes = 1 << 20; // Source: moby daemon/logger/ring.go defaultRingMaxSize

    /// <summary>Whether an option is on, in the words that Go takes.</summary>
    /// <exception cref="GantryException">Invalid: neither on nor off.</exception>
    public static bool IsTrue(IReadOnlyDictionary<string, string> settings, string key) => settings.GetValueOrDefault(key) switch
    {
        null or "" or "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        var other => throw GantryException.Of(ErrorKind.Invalid, $"invalid value for {key}: \"{other}\": use true or false"),
    };

    /// <summary>Checks <c>mode</c> and <c>max-buffer-size</c>.</summary>
    /// <remarks>Source: moby daemon/logger/factory.go ValidateLogOpts.</remarks>
    public static void CheckDelivery(IReadOnlyDictionary<string, string> settings)
    {
        var mode = settings.GetValueOrDefault("mode") ?? "";
        if (mode is not ("" or "blocking" or "non-blocking"))
            throw GantryException.Of(ErrorKind.Invalid, $"logger: logging mode not supported: {mode}");
        if (!settings.TryGetValue("max-buffer-size", out var size))
            return;
        if (mode != "non-blocking")
            throw GantryException.Of(ErrorKind.Invalid, "logger: max-buffer-size option is only supported with 'mode=non-blocking'");
        _ = Size(size);
    }

    /// <summary>How much may wait for a slow log server, and what happens then.</summary>
    /// <remarks>A file is never slow in this sense: there the mode makes no difference.</remarks>
    public static (int BufferBytes, bool DropWhenFull) Delivery(IReadOnlyDictionary<string, string> settings) =>
        (settings.TryGetValue("max-buffer-size", out var size) ? (int)Math.Min(Size(size), int.MaxValue) : DefaultBufferBytes, settings.GetValueOrDefault("mode") == "non-blocking");

    /// <summary>Reads <c>10m</c>, <c>1g</c>, <c>512k</c>, <c>100</c> (units of 1024).</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static long Size(string text)
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
