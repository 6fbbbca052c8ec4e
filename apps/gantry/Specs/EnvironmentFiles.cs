using System.Text;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Specs;

/// <summary>Files with a <c>KEY=value</c> on each line: <c>--env-file</c> and <c>--label-file</c>.</summary>
/// <remarks>Source: docker run reference; blank lines and lines that start with # are skipped, nothing is unquoted.</remarks>
internal static class EnvironmentFiles
{
    /// <summary>Reads a file's pairs.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lookUp">The value of a key that stands alone; null from it leaves the key out.</param>
    /// <exception cref="FlagException">It cannot be read, or a line is no pair.</exception>
    public static List<string> Read(string path, Func<string, string?>? lookUp)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
        }
        catch (DecoderFallbackException)
        {
            throw new FlagException($"invalid env file ({path}): invalid utf8 bytes: write the file in UTF-8");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FlagException($"open {path}: {Problem(e)}");
        }
        var pairs = new List<string>();
        foreach (var raw in text.TrimStart('\uFEFF').Split('\n'))
        {
            var line = raw.TrimEnd('\r').TrimStart();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? line : line[..equals];
            if (name.Length == 0)
                throw new FlagException($"invalid env file ({path}): no variable name on line '{line}'");
            if (name.Any(char.IsWhiteSpace))
                throw new FlagException($"invalid env file ({path}): variable '{name}' contains whitespaces");
            if (equals >= 0)
                pairs.Add(line);
            else if (lookUp?.Invoke(name) is { } value)
                pairs.Add($"{name}={value}");
        }
        return pairs;
    }

    /// <summary>Why a file could not be read, in Go's words.</summary>
    public static string Problem(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file or directory",
        UnauthorizedAccessException => "permission denied",
        _ => e.Message,
    };
}
