namespace Gantry.Build;

/// <summary>The flags of one instruction: which it knows, and which it was given.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/instructions/bflag.go.</remarks>
internal sealed class InstructionFlags
{
    private readonly Dictionary<string, List<string>> _given = [];

    /// <summary>Reads an instruction's flags.</summary>
    /// <param name="texts">Flags with one value.</param>
    /// <param name="lists">Flags that may be repeated.</param>
    /// <param name="switches">Flags that are true or false.</param>
    /// <exception cref="Model.GantryException">Invalid: a flag is unknown, repeated, or has no value or none that it takes.</exception>
    public InstructionFlags(Statement statement, string[]? texts = null, string[]? lists = null, string[]? switches = null)
    {
        foreach (var word in statement.Flags)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var flag = equals < 0 ? word : word[..equals];
            var value = equals < 0 ? null : word[(equals + 1)..];
            var name = flag[2..];
            string[] known = [.. lists ?? [], .. texts ?? [], .. switches ?? []];
            if (!known.Contains(name))
                throw SyntaxFailure.Of($"unknown flag: {flag}{Suggestion.For(name, known)}");
            if (_given.TryGetValue(name, out var values) && lists?.Contains(name) != true)
                throw SyntaxFailure.Of($"duplicate flag specified: {flag}");
            if (switches?.Contains(name) == true)
                value = ReadSwitch(flag, value);
            if (value is null)
                throw SyntaxFailure.Of($"missing a value on flag: {flag}");
            if (values is null)
                _given[name] = values = [];
            values.Add(value);
        }
    }

    /// <summary>The value; empty: not given.</summary>
    public string this[string name] => _given.TryGetValue(name, out var values) ? values[0] : string.Empty;

    /// <summary>The value; null: not given, or empty.</summary>
    public string? Find(string name) => this[name] is { Length: > 0 } value ? value : null;

    public IReadOnlyList<string> List(string name) => _given.TryGetValue(name, out var values) ? values : [];

    /// <summary>Null: not given.</summary>
    public bool? Switch(string name) => _given.ContainsKey(name) ? this[name] == "true" : null;

    private static string ReadSwitch(string flag, string? value) => value?.ToLowerInvariant() switch
    {
        null or "true" => "true",
        "false" => "false",
        "" => throw SyntaxFailure.Of($"missing a value on flag: {flag}"),
        _ => throw SyntaxFailure.Of($"expecting boolean value for flag {flag}, not: {value}"),
    };
}
