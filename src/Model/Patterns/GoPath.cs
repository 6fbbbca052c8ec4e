namespace Gantry.Model.Patterns;

/// <summary>Paths with slashes as Go's package path/filepath has them, which Docker's tools and files are written for.</summary>
/// <remarks>Source: Go path/filepath, on Unix. Nothing here looks at a file.</remarks>
public static class GoPath
{
    /// <summary>The shortest form: no <c>.</c>, no doubled or last slash, <c>..</c> taken away with what is before it; empty becomes <c>.</c>.</summary>
    public static string Clean(string path)
    {
        var rooted = path.StartsWith('/');
        List<string> parts = [];
        foreach (var part in path.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0 && parts[^1] != "..")
                parts.RemoveAt(parts.Count - 1);
            else if (!rooted)
                parts.Add(part);
        }
        var joined = string.Join('/', parts);
        return rooted ? "/" + joined : joined.Length == 0 ? "." : joined;
    }

    /// <summary>All but the last part, cleaned; <c>.</c> when there is no other.</summary>
    public static string DirectoryOf(string path) => Clean(path[..(path.LastIndexOf('/') + 1)]);

    /// <summary>The last part, without slashes behind it; <c>.</c> for an empty path, <c>/</c> for one of slashes.</summary>
    public static string NameOf(string path)
    {
        if (path.Length == 0)
            return ".";
        var trimmed = path.TrimEnd('/');
        return trimmed.Length == 0 ? "/" : trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    /// <summary>One path behind the other, cleaned: the second is never taken for absolute. Empty ones are left out; all empty is empty.</summary>
    public static string Join(params ReadOnlySpan<string> paths)
    {
        List<string> parts = [];
        foreach (var path in paths)
        {
            if (path.Length > 0)
                parts.Add(path);
        }
        return parts.Count == 0 ? "" : Clean(string.Join('/', parts));
    }

    /// <summary>Whether a path holds characters that <see cref="Wildcard"/> gives a meaning to.</summary>
    public static bool HasWildcards(string path)
    {
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '\\')
                i++;
            else if (path[i] is '*' or '?' or '[')
                return true;
        }
        return false;
    }
}
