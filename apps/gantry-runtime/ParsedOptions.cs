using System.Globalization;
using Gantry.Model;

namespace Gantry.Apps.GantryRuntime;

/// <summary>Options as given, and the arguments beside them.</summary>
internal sealed record ParsedOptions(IReadOnlyDictionary<string, List<string>> Values, IReadOnlyList<string> Arguments)
{
    public bool Has(string name) => Find(name) is { } value && value is not ("false" or "0");

    /// <summary>The last value; null when it was not given.</summary>
    public string? Find(string name) => Values.TryGetValue(name, out var values) ? values[^1] : null;

    public IReadOnlyList<string> All(string name) => Values.TryGetValue(name, out var values) ? values : [];

    /// <summary>A number; null when it was not given.</summary>
    /// <exception cref="GantryException">Invalid: not a number.</exception>
    public long? FindNumber(string name)
    {
        if (Find(name) is not { Length: > 0 } text) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw GantryException.Of(ErrorKind.Invalid, $"option {name}: \"{text}\" is not a number");
    }

    /// <summary>A number that is not negative; null when it was not given.</summary>
    /// <exception cref="GantryException">Invalid: no such number, or above the limit.</exception>
    public ulong? FindCount(string name, ulong limit = ulong.MaxValue)
    {
        if (Find(name) is not { Length: > 0 } text) return null;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= limit
            ? value
            : throw GantryException.Of(ErrorKind.Invalid, $"option {name}: \"{text}\" is not a number from 0 to {limit}");
    }

    /// <summary>A size in bytes, with an optional k, m, g, t or p (<c>64m</c>, <c>1.5GiB</c>), or -1 for no limit.</summary>
    /// <exception cref="GantryException">Invalid: not a size.</exception>
    public long? FindSize(string name)
    {
        if (Find(name) is not { Length: > 0 } text) return null;
        if (text == "-1") return -1;
        var digits = text.ToLowerInvariant();
        if (digits.EndsWith('b')) digits = digits[..^1];
        if (digits.EndsWith('i')) digits = digits[..^1];
        var unit = digits.Length == 0 ? -1 : "kmgtp".IndexOf(digits[^1], StringComparison.Ordinal);
        if (unit >= 0) digits = digits[..^1];
        var factor = 1L << (10 * (unit + 1));
        return decimal.TryParse(digits.TrimEnd(' '), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= long.MaxValue / factor
            ? (long)(value * factor)
            : throw GantryException.Of(ErrorKind.Invalid, $"option {name}: \"{text}\" is not a size such as 64m");
    }

    /// <summary>The only argument: a container's id.</summary>
    /// <exception cref="GantryException">Invalid: none, or more.</exception>
    public string Id => Arguments.Count == 1 ? Arguments[0] : throw GantryException.Of(ErrorKind.Invalid, $"this command takes exactly one argument, a container ID, not {Arguments.Count}");
}
