namespace Gantry.Build;

/// <summary>Contexts that no client sends: git repositories and files of web servers.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerui/context.go.</remarks>
public static class RemoteContext
{
    /// <summary>The name that a web server's file gets.</summary>
    public const string FileName = "context";

    /// <summary>Whether a text names such a context.</summary>
    /// <exception cref="Model.GantryException">Invalid: it names a repository, but says of it what cannot be.</exception>
    public static bool Is(string text) => Find(text, text, null) is not null;

    /// <summary>A context's name without what its URL has of a user's name and password.</summary>
    public static string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return text;
        var start = scheme + 3;
        var end = text.AsSpan(start).IndexOfAny('/', '?', '#') is >= 0 and var found ? start + found : text.Length;
        var at = text.LastIndexOf('@', end - 1, end - start);
        return at < 0 ? text : text[..start] + text[(at + 1)..];
    }

    /// <summary>The vertex of a context's files; a web server's is one file, even where that is an archive. Null: the text names none.</summary>
    /// <param name="name">What people are shown.</param>
    /// <param name="keepGitDirectory">BUILDKIT_CONTEXT_KEEP_GIT_DIR; null: it was not given.</param>
    /// <exception cref="Model.GantryException">Invalid: it names a repository, but says of it what cannot be.</exception>
    public static Vertex? Find(string text, string name, SourceLines? lines, bool? keepGitDirectory = null)
    {
        if (GitReference.Find(text) is { } git)
        {
            var remote = git.MayBePath ? git with { Remote = "https://" + git.Remote } : git;
            // NOTE: BuildKit leaves the time of the check-out, which makes another image each time where a step looks at it.
            return remote.ToSource(name, lines, keepGitDirectory == true ? true : null, keepsCommitTime: true);
        }
        return text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal)
            ? new HttpSource { Name = name, Lines = lines, Url = text, FileName = FileName }
            : null;
    }

    /// <summary>What an archive holds that is a tree's only file.</summary>
    public static Vertex Unpack(Vertex archive) => new FileStep(
        "[internal] unpack remote build context",
        [archive],
        null,
        [new CopyAction { From = 0, Sources = ["/" + FileName], Destination = "/", Unpack = true }]);
}
