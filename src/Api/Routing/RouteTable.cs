using System.Collections.Frozen;
using Gantry.Api.Versions;

namespace Gantry.Api.Routing;

/// <summary>Finds the route of a request. Paths come with a version (<c>/v1.44/info</c>) or without.</summary>
public sealed class RouteTable
{
    private readonly FrozenDictionary<string, Route[]> _byFirstSegment;

    public RouteTable(IReadOnlyList<Route> routes)
    {
        Routes = routes;
        _byFirstSegment = routes
            .GroupBy(static r => r.Pattern.Split('/')[1], StringComparer.Ordinal)
            .ToFrozenDictionary(static g => g.Key, static g => g.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>All rows, in the order in which they are tried.</summary>
    public IReadOnlyList<Route> Routes { get; }

    /// <summary>Parts a request target into its version and segments.</summary>
    /// <param name="target">As the client sent it: path, perhaps escaped, and query.</param>
    /// <param name="version">The version of the prefix; null when there is none.</param>
    /// <remarks>Empty segments are dropped: <c>/containers//web/json</c> is what clients send for the name <c>/web</c>.</remarks>
    public static string[] Split(string target, out ApiVersion? version)
    {
        var end = target.IndexOf('?', StringComparison.Ordinal);
        var path = Uri.UnescapeDataString(end < 0 ? target : target[..end]);
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        version = null;
        if (segments.Length > 0 && segments[0] is ['v', .. var number] && ApiVersion.TryParse(number, out var prefix))
        {
            version = prefix;
            return segments[1..];
        }
        return segments;
    }

    /// <summary>The route of a path, or null.</summary>
    public Route? Find(string method, ReadOnlySpan<string> path, out IReadOnlyDictionary<string, string> values)
    {
        values = FrozenDictionary<string, string>.Empty;
        if (path.IsEmpty || !_byFirstSegment.TryGetValue(path[0], out var routes))
            return null;
        foreach (var route in routes)
        {
            if (route.Method == method && route.Match(path) is { } found)
            {
                values = found;
                return route;
            }
        }
        return null;
    }
}
