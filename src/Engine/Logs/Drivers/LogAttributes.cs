using System.Text.RegularExpressions;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Logs.Drivers;

/// <summary>The labels and variables that the log options <c>labels</c>, <c>labels-regex</c>, <c>env</c> and <c>env-regex</c> choose. Pure.</summary>
/// <remarks>Source: moby daemon/logger/loginfo.go ExtraAttributes.</remarks>
internal static class LogAttributes
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(100);

    /// <summary>Refuses patterns that are none.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static void Check(IReadOnlyDictionary<string, string> settings)
    {
        _ = Pattern(settings, "labels-regex");
        _ = Pattern(settings, "env-regex");
    }

    /// <summary>The chosen ones; what the container has not is left out.</summary>
    public static Dictionary<string, string> Of(IReadOnlyDictionary<string, string> settings, ContainerConfig config)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        Choose(attributes, config.Labels ?? new Dictionary<string, string>(), settings.GetValueOrDefault("labels"), Pattern(settings, "labels-regex"));
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in config.Env ?? [])
        {
            var parts = entry.Split('=', 2);
            if (parts.Length == 2)
                variables[parts[0]] = parts[1];
        }
        Choose(attributes, variables, settings.GetValueOrDefault("env"), Pattern(settings, "env-regex"));
        return attributes;
    }

    private static void Choose(Dictionary<string, string> attributes, IReadOnlyDictionary<string, string> from, string? names, Regex? pattern)
    {
        foreach (var name in (names ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (from.TryGetValue(name, out var value))
                attributes[name] = value;
        }
        if (pattern is null)
            return;
        foreach (var (name, value) in from)
        {
            if (pattern.IsMatch(name))
                attributes[name] = value;
        }
    }

    private static Regex? Pattern(IReadOnlyDictionary<string, string> settings, string key)
    {
        if (settings.GetValueOrDefault(key) is not { Length: > 0 } pattern)
            return null;
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, s_limit);
        }
        catch (ArgumentException error)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"invalid {key} \"{pattern}\": {error.Message}", cause: error);
        }
    }
}
