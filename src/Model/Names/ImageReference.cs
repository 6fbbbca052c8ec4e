using System.Diagnostics.CodeAnalysis;

namespace Gantry.Model;

/// <summary>An image's name, normalized as Docker does: <c>postgres</c> is <c>docker.io/library/postgres</c>.</summary>
/// <remarks>Source: distribution/reference, grammar and normalization.</remarks>
public sealed record ImageReference
{
    /// <summary>The registry of names that name none.</summary>
    public const string DefaultDomain = "docker.io";

    private const string OfficialPrefix = "library/";
    private const int LongestPath = 255;
    private const int LongestTag = 128;

    private ImageReference(string domain, string path, string? tag, Digest? digest)
    {
        Domain = domain;
        Path = path;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>The registry, with its port if it has one: <c>docker.io</c>, <c>localhost:5000</c>.</summary>
    public string Domain { get; }

    /// <summary>The repository within the registry: <c>library/postgres</c>.</summary>
    public string Path { get; }

    public string? Tag { get; private init; }

    public Digest? Digest { get; private init; }

    /// <summary>Registry and repository: <c>docker.io/library/postgres</c>.</summary>
    public string Name => $"{Domain}/{Path}";

    /// <summary>The repository as people write it: <c>postgres</c>, <c>localhost:5000/a/b</c>.</summary>
    public string FamiliarName =>
        Domain != DefaultDomain ? Name
        : Path.StartsWith(OfficialPrefix, StringComparison.Ordinal) && !Path.AsSpan(OfficialPrefix.Length).Contains('/') ? Path[OfficialPrefix.Length..]
        : Path;

    /// <summary>The whole reference as people write it: <c>postgres:16</c>.</summary>
    public string Familiar => FamiliarName + Suffix;

    private string Suffix => (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    /// <summary>Parses a reference as a person writes it.</summary>
    /// <exception cref="GantryException">Invalid, with Docker's wording.</exception>
    public static ImageReference Parse(string text) =>
        Parse(text, out var reference) is { } problem ? throw GantryException.Of(ErrorKind.Invalid, problem) : reference!;

    /// <summary>Parses a reference as a person writes it; false when it is none.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        reference = null;
        return text is not null && Parse(text, out reference) is null;
    }

    /// <summary>Whether a text can be a tag.</summary>
    public static bool IsTag(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= LongestTag && (char.IsAsciiLetterOrDigit(text[0]) || text[0] == '_') && All(text, c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>This name with another tag and no digest.</summary>
    /// <exception cref="GantryException">Invalid: not a tag.</exception>
    public ImageReference WithTag(string tag) =>
        IsTag(tag) ? this with { Tag = tag, Digest = null } : throw GantryException.Of(ErrorKind.Invalid, "invalid tag format");

    /// <summary>This name with a digest and no tag.</summary>
    public ImageReference WithDigest(Digest digest) => this with { Tag = null, Digest = digest };

    /// <summary>This name with tag <c>latest</c> when it has neither tag nor digest.</summary>
    public ImageReference WithDefaultTag() => Tag is null && Digest is null ? this with { Tag = "latest" } : this;

    /// <summary>This name alone.</summary>
    public ImageReference WithoutTagAndDigest() => this with { Tag = null, Digest = null };

    /// <summary>The canonical form: <c>docker.io/library/postgres:16</c>.</summary>
    public override string ToString() => Name + Suffix;

    // Returns the problem in words, or null.
    private static string? Parse(string text, out ImageReference? reference)
    {
        reference = null;
        if (text.Length == 64 && IsLowerHex(text))
            return $"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings";
        if (text.Length == 0)
            return "invalid reference format";

        var (domain, rest) = SplitDomain(text);
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? rest : rest[..at];
        Digest? digest = null;
        if (at >= 0)
        {
            if (DigestProblem(rest[(at + 1)..], out var parsed) is { } problem)
                return problem;
            digest = parsed;
        }

        string? tag = null;
        var colon = name.LastIndexOf(':');
        if (colon >= 0)
        {
            tag = name[(colon + 1)..];
            name = name[..colon];
            if (!IsTag(tag))
                return "invalid reference format";
        }

        if (name.Any(char.IsAsciiLetterUpper) && IsPath(name.ToLowerInvariant()) && IsDomain(domain))
            return $"invalid reference format: repository name ({name}) must be lowercase";
        if (!IsDomain(domain) || !IsPath(name))
            return "invalid reference format";
        if (domain.Length + 1 + name.Length > LongestPath)
            return $"invalid reference format: repository name must not be more than {LongestPath} characters";
        reference = new(domain, name, tag, digest);
        return null;
    }

    private static (string Domain, string Remainder) SplitDomain(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : text[..slash];
        var isDomain = slash >= 0 && (first.AsSpan().ContainsAny('.', ':') || first == "localhost" || first.Any(char.IsAsciiLetterUpper));
        var (domain, rest) = isDomain ? (first, text[(slash + 1)..]) : (DefaultDomain, text);
        if (domain == "index.docker.io")
            domain = DefaultDomain;
        if (domain == DefaultDomain && !rest.Contains('/', StringComparison.Ordinal))
            rest = OfficialPrefix + rest;
        return (domain, rest);
    }

    private static string? DigestProblem(string text, out Digest digest)
    {
        if (Gantry.Model.Digest.TryParse(text, out digest))
            return null;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var wellFormed = colon > 0 && char.IsAsciiLetter(text[0]) && text.Length - colon - 1 >= 32 && text.AsSpan(colon + 1).IndexOfAnyExcept("0123456789abcdefABCDEF") < 0
            && All(text.AsSpan(0, colon), c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '+' or '.');
        if (!wellFormed)
            return "invalid reference format";
        return text[..colon] is "sha256" or "sha512" ? "invalid checksum digest length" : "unsupported digest algorithm";
    }

    private static bool IsLowerHex(ReadOnlySpan<char> text) => text.IndexOfAnyExcept("0123456789abcdef") < 0;

    private static bool IsDomain(ReadOnlySpan<char> domain)
    {
        var port = -1;
        var host = domain;
        if (domain.StartsWith("["))
        {
            var end = domain.IndexOf(']');
            if (end < 2 || domain[1..end].IndexOfAnyExcept("0123456789abcdefABCDEF:") >= 0)
                return false;
            if (end + 1 == domain.Length)
                return true;
            port = domain[end + 1] == ':' ? end + 1 : -1;
            return port >= 0 && IsPort(domain[(port + 1)..]);
        }

        port = domain.IndexOf(':');
        if (port >= 0)
        {
            if (!IsPort(domain[(port + 1)..]))
                return false;
            host = domain[..port];
        }

        foreach (var part in host.Split('.'))
        {
            var component = host[part];
            if (component.IsEmpty || component[0] == '-' || component[^1] == '-' || !All(component, c => char.IsAsciiLetterOrDigit(c) || c == '-'))
                return false;
        }

        return true;
    }

    private static bool IsPort(ReadOnlySpan<char> text) => !text.IsEmpty && All(text, char.IsAsciiDigit);

    private static bool IsPath(ReadOnlySpan<char> path)
    {
        foreach (var part in path.Split('/'))
        {
            if (!IsPathComponent(path[part]))
                return false;
        }

        return true;
    }

    // [a-z0-9]+ joined by one of . _ __ or any number of -
    private static bool IsPathComponent(ReadOnlySpan<char> component)
    {
        var i = 0;
        while (true)
        {
            var start = i;
            while (i < component.Length && (char.IsAsciiLetterLower(component[i]) || char.IsAsciiDigit(component[i])))
                i++;
            if (i == start)
                return false;
            if (i == component.Length)
                return true;
            var separator = component[i];
            var run = 0;
            while (i < component.Length && component[i] == separator)
            {
                i++;
                run++;
            }

            if (!(separator == '-' || (separator == '.' && run == 1) || (separator == '_' && run <= 2)))
                return false;
        }
    }

    private static bool All(ReadOnlySpan<char> text, Func<char, bool> allowed)
    {
        foreach (var c in text)
        {
            if (!allowed(c))
                return false;
        }

        return true;
    }
}
