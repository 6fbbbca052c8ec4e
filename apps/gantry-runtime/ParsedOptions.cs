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

    /// <summary>A size in bytes, with an optional k, m, g or t.</summary>
    /// <exception cref="GantryException">Invalid: not a size.</exception>
    public long? FindSize(string name)
    {
        if (Find(name) is not { Length: > 0 } text) return null;
        var unit = "bkmgt".IndexOf(char.ToLowerInvariant(text[^1]), StringComparison.Ordinal);
        return long.TryParse(unit < 0 ? text : text[..^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value << (Math.Max(unit, 0) * 10)
            : throw GantryException.Of(ErrorKind.Invalid, $"option {name}: \"{text}\" is not a size such as 64m");
    }

    /// <summary>The only argument: a container's id.</summary>
    /// <exception cref="GantryException">Invalid: none, or more.</exception>
    public string Id => Arguments.Count == 1 ? Arguments[0] : throw GantryException.Of(ErrorKind.Invalid, $"this command takes exactly one argument, a container ID, not {Arguments.Count}");
}
