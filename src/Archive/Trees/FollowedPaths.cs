using Gantry.Model.Patterns;

namespace Gantry.Archive;

/// <summary>Paths that are wanted of a directory, with the links on their way and what these lead to, as patterns.</summary>
/// <remarks>Source: tonistiigi/fsutil followlinks.go. Links lead to places in the directory, as if it were the root.</remarks>
public static class FollowedPaths
{
    /// <summary>Of one path, as the kernel has it.</summary>
    private const int MostLinks = 40;

    /// <summary>Patterns of all that is wanted; null: everything is.</summary>
    /// <param name="tree">The directory.</param>
    /// <param name="paths">May have wildcards; what is not there leads nowhere. Empty: everything.</param>
    public static PatternMatcher? Of(TreeListing tree, IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(tree);
        if (paths.Count == 0)
            return null;
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
            Follow(tree, "", [.. Parts("/" + path).Select(static part => (part, GoPath.HasWildcards(part)))], 0, found);
        return found.Contains("") ? null : PatternMatcher.Parse(found.Select(Literal));
    }

    private static string[] Parts(string path) => GoPath.Clean(path).Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static void Follow(TreeListing tree, string directory, IReadOnlyList<(string Name, bool IsPattern)> rest, int links, SortedSet<string> found)
    {
        if (rest.Count == 0)
        {
            found.Add(directory);
            return;
        }

        var (name, isPattern) = rest[0];
        IEnumerable<string> names = !isPattern ? [name] : Wildcard.TryParse(name) is { } pattern ? tree.NamesAt(directory).Where(pattern.Matches) : [];
        foreach (var path in names.Select(n => RawPath.Join(directory, n)))
        {
            if (tree.LinkAt(path) is not { } target)
            {
                Follow(tree, path, [.. rest.Skip(1)], links, found);
                continue;
            }

            found.Add(path);
            // The directory is one without links on its way, so that ".." can be read as it is written.
            if (links < MostLinks)
                Follow(tree, "", [.. Parts(target.StartsWith('/') ? target : $"/{directory}/{target}").Select(static part => (part, false)), .. rest.Skip(1)], links + 1, found);
        }
    }

    // Spaces at an end mean nothing in a pattern, and this way something.
    private static string Literal(string path) =>
        string.Concat(path.Select(static c => c switch { '*' or '?' or '[' or ']' or '\\' or '!' => "\\" + c, ' ' => "?", _ => c.ToString() }));
}
