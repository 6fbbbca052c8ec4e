namespace Gantry.Api.Routing;

/// <summary>One row of the table of routes.</summary>
/// <remarks>A pattern is a path with <c>{name}</c> for one segment and <c>{name:.*}</c> for one or more (image names have slashes);
/// at most one of the latter. It stands for the path after the version.</remarks>
public sealed class Route
{
    private readonly string[] _segments;
    private readonly int _greedy;

    public Route(string method, string pattern, Func<Exchange, Task> handler)
    {
        Method = method;
        Pattern = pattern;
        Handler = handler;
        _segments = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        _greedy = Array.FindIndex(_segments, static s => s.EndsWith(":.*}", StringComparison.Ordinal));
    }

    public string Method { get; }

    public string Pattern { get; }

    public Func<Exchange, Task> Handler { get; }

    /// <summary>Compares a path's segments with the pattern.</summary>
    /// <returns>The values of the names; null when the path is another.</returns>
    public IReadOnlyDictionary<string, string>? Match(ReadOnlySpan<string> path)
    {
        var extra = path.Length - _segments.Length;
        if (extra < 0 || (extra > 0 && _greedy < 0))
            return null;
        Dictionary<string, string>? values = null;
        for (int p = 0, s = 0; p < _segments.Length; p++)
        {
            var segment = _segments[p];
            if (segment[0] != '{')
            {
                if (segment != path[s++])
                    return null;
                continue;
            }
            var taken = p == _greedy ? extra + 1 : 1;
            values ??= new Dictionary<string, string>(StringComparer.Ordinal);
            values[p == _greedy ? segment[1..^4] : segment[1..^1]] = string.Join('/', path.Slice(s, taken)!);
            s += taken;
        }
        return values ?? NoValues;
    }

    private static readonly Dictionary<string, string> NoValues = [];
}
