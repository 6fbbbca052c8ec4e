using System.Globalization;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>What clients know a result by: <c>BUILD-NUMBER</c>, and of one that is made for several platforms <c>BUILD-NUMBER.PLATFORM</c>.</summary>
/// <param name="Whole">The name of all platforms' results together.</param>
/// <param name="Platform">Which of them, counted from 0.</param>
internal readonly record struct ResultName(string Whole, int Platform)
{
    public static ResultName Read(string text)
    {
        var dot = text.LastIndexOf('.');
        return dot > text.LastIndexOf('-') && int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var platform)
            ? new(text[..dot], platform)
            : new(text, 0);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Whole}.{Platform}");
}
