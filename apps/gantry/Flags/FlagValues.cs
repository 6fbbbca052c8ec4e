using System.Globalization;

namespace Gantry.Cli.Flags;

/// <summary>The flags that were given, by name.</summary>
internal sealed class FlagValues
{
    private readonly Dictionary<string, List<string>> _values = [];
    private readonly Dictionary<string, string> _defaults = [];

    /// <summary>Takes the defaults of a command's flags.</summary>
    public FlagValues(IReadOnlyList<Flag> flags)
    {
        foreach (var flag in flags)
            _defaults[flag.Name] = flag.Default;
    }

    /// <summary>Whether a flag was given, even with its default.</summary>
    public bool Changed(string name) => _values.ContainsKey(name);

    /// <summary>A flag's last value, or its default.</summary>
    public string Text(string name) => _values.TryGetValue(name, out var values) ? values[^1] : _defaults.GetValueOrDefault(name, "");

    /// <summary>A switch's value.</summary>
    public bool Bool(string name) => Text(name) == "true";

    /// <summary>A whole number, checked when it was parsed; 0 when neither given nor defaulted.</summary>
    public long Number(string name) => Text(name) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;

    /// <summary>All values of a flag, in the order given.</summary>
    public IReadOnlyList<string> List(string name) => _values.TryGetValue(name, out var values) ? values : [];

    /// <summary>Sets or adds a value.</summary>
    public void Set(Flag flag, string value)
    {
        var name = flag.AliasOf ?? flag.Name;
        if (!_values.TryGetValue(name, out var values))
            _values[name] = values = [];
        if (!flag.Repeats)
            values.Clear();
        values.Add(value);
    }
}
