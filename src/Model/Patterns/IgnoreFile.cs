using System.Text;

namespace Gantry.Model.Patterns;

/// <summary>Reads .dockerignore files.</summary>
/// <remarks>Source: moby/patternmatcher ignorefile.</remarks>
public static class IgnoreFile
{
    // As much as Go's bufio.Scanner takes.
    private const int LongestLine = 64 * 1024;

    /// <summary>The patterns of a file, cleaned, in order: what <see cref="PatternMatcher.Parse"/> takes.</summary>
    /// <exception cref="GantryException">Invalid: a line is longer than 64 KiB.</exception>
    public static IReadOnlyList<string> Read(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(Encoding.UTF8.Preamble))
            file = file[3..];
        List<string> patterns = [];
        while (!file.IsEmpty)
        {
            var end = file.IndexOf((byte)'\n');
            var line = end < 0 ? file : file[..end];
            file = end < 0 ? default : file[(end + 1)..];
            if (line.Length >= LongestLine)
                throw GantryException.Of(ErrorKind.Invalid, "error reading .dockerignore: a line is longer than 64 KiB");
            // Before anything is trimmed: " #a" is a pattern.
            if (!line.StartsWith("#"u8) && Clean(Encoding.UTF8.GetString(line)) is { } pattern)
                patterns.Add(pattern);
        }
        return patterns;
    }

    private static string? Clean(string line)
    {
        var pattern = line.Trim();
        if (pattern.Length == 0)
            return null;
        var isException = pattern[0] == '!';
        if (isException)
            pattern = pattern[1..].Trim();
        if (pattern.Length > 0)
        {
            pattern = GoPath.Clean(pattern);
            // "/a" is "a": patterns begin at the context's root.
            if (pattern.Length > 1 && pattern[0] == '/')
                pattern = pattern[1..];
        }
        return isException ? "!" + pattern : pattern;
    }
}
