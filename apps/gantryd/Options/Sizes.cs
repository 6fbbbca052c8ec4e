using System.Globalization;

namespace Gantry.Apps.Options;

/// <summary>Sizes as people write them: <c>64M</c>, <c>1g</c>, <c>512kb</c>, <c>1048576</c>; units of 1024.</summary>
/// <remarks>Source: go-units RAMInBytes.</remarks>
internal static class Sizes
{
    /// <exception cref="FormatException">Not a size.</exception>
    public static long Parse(string text)
    {
        var lower = text.Trim().ToLowerInvariant();
        var digits = lower.TrimEnd('b', 'i', 'k', 'm', 'g', 't', ' ');
        var scale = lower[digits.Length..].Trim() switch
        {
            "" or "b" => 1L,
            "k" or "kb" or "kib" => 1L << 10,
            "m" or "mb" or "mib" => 1L << 20,
            "g" or "gb" or "gib" => 1L << 30,
            "t" or "tb" or "tib" => 1L << 40,
            _ => 0,
        };
        return scale > 0 && decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue / scale
            ? (long)(number * scale)
            : throw new FormatException($"\"{text}\" is not a size: expected bytes, or a number with k, m or g");
    }
}
