using System.Text;
using Gantry.Model;

namespace Gantry.Client;

/// <summary>Builds a path with its query, percent-encoded.</summary>
internal sealed class Query(string path)
{
    private readonly StringBuilder _text = new(path);
    private char _separator = '?';

    /// <summary>Adds a parameter; null adds nothing.</summary>
    public Query With(string name, string? value)
    {
        if (value is null)
            return this;
        _text.Append(_separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
        _separator = '&';
        return this;
    }

    /// <summary>Adds <c>name=1</c> when asked for.</summary>
    public Query With(string name, bool value) => value ? With(name, "1") : this;

    /// <summary>Adds each of several values.</summary>
    public Query WithEach(string name, IEnumerable<string>? values)
    {
        foreach (var value in values ?? [])
            With(name, value);
        return this;
    }

    public override string ToString() => _text.ToString();

    /// <summary>A name as a path segment.</summary>
    public static string Segment(string name) => Uri.EscapeDataString(name);

    /// <summary>What something is called, as a path segment: without a name the path would be another one.</summary>
    /// <param name="kind">As in <c>container</c>.</param>
    /// <exception cref="GantryException">Invalid: there is no name.</exception>
    /// <remarks>Source: moby client/utils.go trimID.</remarks>
    public static string Named(string kind, string name) =>
        name.Trim() is { Length: > 0 } trimmed ? Segment(trimmed) : throw GantryException.Of(ErrorKind.Invalid, $"invalid {kind} name or ID: value is empty");

    /// <summary>An image's name as part of a path: its slashes and colons stay.</summary>
    public static string ImagePath(string name) =>
        Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal).Replace("%40", "@", StringComparison.Ordinal);
}
