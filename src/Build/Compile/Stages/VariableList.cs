namespace Gantry.Build;

/// <summary>Variables with their values, in the order in which they were first set.</summary>
internal sealed class VariableList
{
    private readonly List<string> _names = [];
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Names => _names;

    /// <summary>A value; null: it is not set.</summary>
    public string? Find(string name) => _values.GetValueOrDefault(name);

    public void Set(string name, string value)
    {
        if (!_values.ContainsKey(name))
            _names.Add(name);
        _values[name] = value;
    }

    public VariableList Clone()
    {
        var clone = new VariableList();
        foreach (var name in _names)
            clone.Set(name, _values[name]);
        return clone;
    }

    /// <summary><c>NAME=value</c>, in order.</summary>
    public IReadOnlyList<string> ToEnvironment() => [.. _names.Select(name => $"{name}={_values[name]}")];
}
