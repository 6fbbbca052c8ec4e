using System.Text;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Patterns;

namespace Gantry.Engine.Builds;

/// <summary>Finds what COPY and ADD name in a tree that may be hostile.</summary>
internal static class SourcePaths
{
    private const int NearbyLetters = 3;

    /// <summary>The files and directories that a source stands for, in the order of their names.</summary>
    /// <param name="source">A path from the tree's root.</param>
    /// <param name="hasWildcards">Whether <c>*</c>, <c>?</c> and <c>[</c> are wildcards; then nothing found is no error.</param>
    /// <exception cref="GantryException">NotFound: it is not there.</exception>
    public static IReadOnlyList<SourcePath> Find(Fd root, string source, bool hasWildcards)
    {
        var written = GoPath.Clean("/" + source)[1..];
        try
        {
            if (hasWildcards && GoPath.HasWildcards(written))
                return [.. Expand(root, "", written.Split('/'), 0).Select(path => Follow(root, path)).OfType<SourcePath>()];
            return [Follow(root, written) ?? throw NotFound(root, written)];
        }
        catch (SyscallException refused)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"\"/{written}\" cannot be read: {refused.Message}", cause: refused);
        }
    }

    /// <summary>Opens what is at a path that was found.</summary>
    public static Fd Open(Fd root, SourcePath path, int flags) => SafePath.OpenInRoot(root, "/" + path.Resolved, flags);

    private static SourcePath? Follow(Fd root, string written)
    {
        var resolved = SafePath.Follow(root, "/" + written)[1..];
        if (SafePath.TryOpenInRoot(root, "/" + resolved, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW, 0, out var file) < 0)
            return null;
        using (file)
            return Files.Status(file!) is var status && status.IsSymlink ? null : new(written, resolved, status.IsDirectory);
    }

    private static IEnumerable<string> Expand(Fd root, string directory, string[] parts, int at)
    {
        if (at == parts.Length)
            return [directory];
        if (!GoPath.HasWildcards(parts[at]))
            return Expand(root, RawPath.Join(directory, parts[at]), parts, at + 1);
        var pattern = Wildcard.Parse(parts[at]);
        return [.. Names(root, directory).Where(pattern.Matches).Order(StringComparer.Ordinal).SelectMany(name => Expand(root, RawPath.Join(directory, name), parts, at + 1))];
    }

    private static List<string> Names(Fd root, string directory)
    {
        if (SafePath.TryOpenInRoot(root, "/" + directory, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0, out var opened) < 0)
            return [];
        using (opened)
        {
            var names = new List<byte[]>();
            Inodes.List(opened!, names);
            return [.. names.Select(name => Encoding.UTF8.GetString(name.AsSpan(..^1)))];
        }
    }

    private static GantryException NotFound(Fd root, string path) =>
        new MissingFileException(path) { Hint = Nearby(path, Names(root, RawPath.Parent(path))) }.ToFailure();

    /// <summary>Asks whether the name was meant that comes closest: most of the time it is a slip. Empty: none is close.</summary>
    /// <param name="names">What the path's directory holds.</param>
    public static string Nearby(string path, IReadOnlyCollection<string> names)
    {
        var name = RawPath.Name(path);
        var near = Nearest.FindWithin(name, names, Math.Min(NearbyLetters, name.Length / 2) + 1);
        return near is null ? "" : $"did you mean \"/{RawPath.Join(RawPath.Parent(path), near)}\"?";
    }
}
