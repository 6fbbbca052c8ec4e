namespace Gantry.Build;

/// <summary>Which paths of a client's directory a build uses.</summary>
internal sealed class ContextUse
{
    private readonly SortedSet<string> _paths = new(StringComparer.Ordinal);

    /// <summary>From the directory's root, without a slash before them; empty: all.</summary>
    public IReadOnlyList<string> FollowPaths => _paths.Contains("/") ? [] : [.. _paths.Select(static path => path[1..])];

    /// <summary>Notes a path, which may have wildcards.</summary>
    public void Add(string path) => _paths.Add(Model.Patterns.GoPath.Join("/", path));

    public void AddAll() => _paths.Add("/");
}
