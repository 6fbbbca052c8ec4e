namespace Gantry.Cli.Copy;

/// <summary>Paths as copying takes them: a slash or a dot at the end says "the directory", and is kept. Pure.</summary>
/// <remarks>Source: moby go-archive copy.go.</remarks>
internal static class CopyPath
{
    /// <summary>The path without <c>.</c>, <c>..</c> and double slashes, but with the slash or dot at its end.</summary>
    public static string Normalize(string path)
    {
        var clean = Clean(path);
        if (IsContent(path) && !IsContent(clean))
            return clean.EndsWith('/') ? clean + "." : clean + "/.";
        return path.EndsWith('/') && !clean.EndsWith('/') ? clean + "/" : clean;
    }

    /// <summary>The directory and the entry in it that a path names; the entry is <c>.</c> for the content of a directory.</summary>
    public static (string Directory, string Entry) Split(string path)
    {
        var clean = Clean(path);
        if (IsContent(path) && clean != ".")
            return (clean, ".");
        if (clean == "/")
            return ("/", "/");
        var slash = clean.LastIndexOf('/');
        return slash < 0 ? (".", clean) : (slash == 0 ? "/" : clean[..slash], clean[(slash + 1)..]);
    }

    /// <summary>Whether a path asserts that it is a directory.</summary>
    public static bool AssertsDirectory(string path) => path.EndsWith('/') || IsContent(path);

    /// <summary>A link's target seen from the link's directory.</summary>
    public static string Join(string link, string target) => target.StartsWith('/') ? target : Clean(Split(link).Directory + "/" + target);

    /// <summary>What a followed link is called: the link's own name, when the path did not end in <c>.</c>; and the path to read.</summary>
    /// <remarks>Source: moby go-archive copy.go, GetRebaseName.</remarks>
    public static (string Path, string? Name) Follow(string link, string target)
    {
        if (IsContent(link) && !IsContent(target))
            target = target.TrimEnd('/') + "/.";
        else if (link.EndsWith('/') && !target.EndsWith('/'))
            target += "/";
        var name = Split(link).Entry;
        return (target, name == Split(target).Entry ? null : name);
    }

    // Go's filepath.Clean.
    private static string Clean(string path)
    {
        var absolute = path.StartsWith('/');
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static p => p != "."))
        {
            if (part != ".." || (!absolute && (parts.Count == 0 || parts[^1] == "..")))
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
        }

        var joined = string.Join('/', parts);
        return absolute ? "/" + joined : joined.Length == 0 ? "." : joined;
    }

    private static bool IsContent(string path) => path == "." || path.EndsWith("/.", StringComparison.Ordinal);
}
