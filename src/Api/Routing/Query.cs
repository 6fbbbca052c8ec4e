using System.Globalization;
using Gantry.Engine.Operations;
using Gantry.Model;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Routing;

/// <summary>A request's query parameters, read as Docker reads them.</summary>
/// <remarks>Source: moby daemon/server/httputils/form.go.</remarks>
public sealed class Query(IQueryCollection values)
{
    /// <summary>A parameter's text; empty when it was not given.</summary>
    public string Text(string name) => values.TryGetValue(name, out var all) && all.Count > 0 ? all[0] ?? string.Empty : string.Empty;

    /// <summary>A parameter's text; null when it was not given or is empty.</summary>
    public string? TextOrNull(string name) => Text(name) is { Length: > 0 } text ? text : null;

    /// <summary>All values of a parameter that may be repeated.</summary>
    public IReadOnlyList<string> Many(string name) =>
        values.TryGetValue(name, out var all) ? [.. all.Where(static v => !string.IsNullOrEmpty(v)).Select(static v => v!)] : [];

    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>True for everything but empty, <c>0</c>, <c>no</c>, <c>false</c> and <c>none</c>.</summary>
    public bool Flag(string name, bool whenAbsent = false) =>
        !values.ContainsKey(name) ? whenAbsent : Text(name).Trim().ToLowerInvariant() is not ("" or "0" or "no" or "false" or "none");

    /// <summary>A whole number; null when it was not given.</summary>
    /// <exception cref="GantryException">Invalid: not a whole number.</exception>
    public int? Number(string name)
    {
        if (TextOrNull(name) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw GantryException.Of(ErrorKind.Invalid, $"invalid value for query parameter {name}: \"{text}\" is not a whole number");
    }

    /// <summary>A number of bytes; 0 when it was not given.</summary>
    /// <exception cref="GantryException">Invalid: not a whole number.</exception>
    public long Size(string name)
    {
        if (TextOrNull(name) is not { } text)
            return 0;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var bytes)
            ? bytes
            : throw GantryException.Of(ErrorKind.Invalid, $"{name} is in bytes and expects an integer, got {text}");
    }

    /// <summary>The <c>filters</c> parameter.</summary>
    /// <exception cref="GantryException">Invalid: not JSON of a known shape.</exception>
    public Filters Filters() => Engine.Operations.Filters.Parse(Text("filters"));

    /// <summary>A point in time: <c>seconds[.nanoseconds]</c> since 1970, RFC 3339 (also without zone or time), or a Go duration before now.</summary>
    /// <returns>Null when it was not given, or is <c>0</c>, which Docker takes for "no bound".</returns>
    /// <exception cref="GantryException">Invalid: none of these.</exception>
    public DateTimeOffset? Time(string name, DateTimeOffset now)
    {
        if (TextOrNull(name) is not { } text || text == "0")
            return null;
        return Timestamp.TryParse(text, now, out var time)
            ? time
            : throw GantryException.Of(ErrorKind.Invalid, $"invalid value for query parameter {name}: \"{text}\" is neither seconds since 1970, nor a time like 2006-01-02T15:04:05Z, nor a duration like 10m");
    }
}
