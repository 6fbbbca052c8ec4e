using Gantry.Model;

namespace Gantry.Build;

/// <summary>A git repository as ADD and contexts name it: <c>https://host/repo.git#ref:directory</c>, <c>git@host:repo</c>, with a query or without.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/dfgitutil, util/gitutil.</remarks>
internal sealed record GitReference
{
    /// <summary>What git is given.</summary>
    public required string Remote { get; init; }

    /// <summary>Branch, tag or commit; null: the remote's default.</summary>
    public string? Ref { get; init; }

    public string? Subdirectory { get; init; }

    public string? Checksum { get; init; }

    /// <summary>Null: it does not say.</summary>
    public bool? KeepGitDirectory { get; init; }

    public bool SkipsSubmodules { get; init; }

    /// <summary>Null: it does not say.</summary>
    public bool? KeepsCommitTime { get; init; }

    /// <summary>Without a scheme, as in <c>github.com/a/b</c>: it may be a path just as well, and is a repository only where no path can be.</summary>
    public bool MayBePath { get; init; }

    /// <summary>Reads one; null: the text names no repository.</summary>
    /// <exception cref="GantryException">Invalid: it names one, but says of it what cannot be.</exception>
    public static GitReference? Find(string text)
    {
        if (text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal))
            return null;
        if (text.StartsWith("github.com/", StringComparison.Ordinal))
            return Read(text) with { MayBePath = true };
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return IsSecureCopy(text) ? Read(text) : null;
        return text[..scheme].ToLowerInvariant() switch
        {
            "ssh" or "git" => Read(text),
            // A web page is a repository only where its path says so.
            "http" or "https" => PathOf(text).EndsWith(".git", StringComparison.Ordinal) ? Read(text) : null,
            _ => null,
        };
    }

    /// <summary>The vertex of its files.</summary>
    public GitSource ToSource(string name, SourceLines? lines, bool? keepGitDirectory = null, string? checksum = null, bool keepsCommitTime = false) => new()
    {
        Name = name,
        Lines = lines,
        Url = Remote,
        Ref = Ref,
        Subdirectory = Subdirectory,
        Checksum = checksum ?? Checksum,
        KeepGitDirectory = keepGitDirectory ?? KeepGitDirectory ?? false,
        SkipsSubmodules = SkipsSubmodules,
        KeepsCommitTime = KeepsCommitTime ?? keepsCommitTime,
    };

    private static string PathOf(string text)
    {
        var end = text.IndexOfAny(['?', '#']);
        return end < 0 ? text : text[..end];
    }

    // name@host:path, which no path is likely to be.
    private static bool IsSecureCopy(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var colon = at < 0 ? -1 : text.IndexOf(':', at);
        return at > 0 && colon > at + 1
            && text.AsSpan(0, at).IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") < 0
            && text.AsSpan(at + 1, colon - at - 1).IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") < 0;
    }

    private static GitReference Read(string text)
    {
        var hash = text.IndexOf('#', StringComparison.Ordinal);
        var fragment = hash < 0 ? string.Empty : text[(hash + 1)..];
        var address = hash < 0 ? text : text[..hash];
        var question = address.IndexOf('?', StringComparison.Ordinal);
        var colon = fragment.IndexOf(':', StringComparison.Ordinal);
        var reference = new GitReference
        {
            Remote = question < 0 ? address : address[..question],
            Ref = OrNull(colon < 0 ? fragment : fragment[..colon]),
            Subdirectory = colon < 0 ? null : OrNull(fragment[(colon + 1)..]),
        };
        return question < 0 ? reference : GitQuery.Apply(reference, address[(question + 1)..]);
    }

    private static string? OrNull(string text) => text.Length > 0 ? text : null;
}
