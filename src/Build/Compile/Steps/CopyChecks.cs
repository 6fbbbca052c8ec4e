using System.Text.RegularExpressions;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>What COPY and ADD must not say.</summary>
internal static partial class CopyChecks
{
    private const int LargestMode = 0xFFF;

    /// <summary>Whether a source is a file of a web server.</summary>
    public static bool IsUrl(string source) =>
        (source.StartsWith("http://", StringComparison.Ordinal) || source.StartsWith("https://", StringComparison.Ordinal)) && GitReference.Find(source) is null;

    /// <exception cref="GantryException">Invalid: the mode or the checksum cannot be.</exception>
    public static void Check(CopyInstruction copy)
    {
        if (copy.Mode is { } mode && !IsMode(mode))
            throw Invalid($"invalid chmod parameter: '{mode}'. it should be octal string and between 0 and 07777");
        if (copy.Checksum is null)
            return;
        if (!copy.IsAdd)
            throw Invalid("checksum can't be specified for COPY");
        if (copy.Sources.Count != 1)
            throw Invalid("checksum can't be specified for multiple sources");
        if (!IsUrl(copy.Sources[0]) && GitReference.Find(copy.Sources[0]) is not { MayBePath: false })
            throw Invalid("checksum requires HTTP(S) or Git sources");
    }

    private static bool IsMode(string text)
    {
        if (text.All(static digit => digit is >= '0' and <= '7'))
            return text.Length <= 10 && Convert.ToInt64(text, 8) <= LargestMode;
        return SymbolicMode().IsMatch(text);
    }

    private static GantryException Invalid(string message) => GantryException.Of(ErrorKind.Invalid, message);

    [GeneratedRegex(@"\A[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+(?:,[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex SymbolicMode();
}
