using System.Globalization;
using System.Runtime.InteropServices;

namespace Gantry.Kernel.Sys;

/// <summary>Which of this process's memory is in RAM. Source: madvise(2), proc_pid_smaps(5).</summary>
public static partial class ResidentPages
{
    private const int MADV_DONTNEED = 4;

    /// <summary>The mappings of files that hold no change of this process's: program text and constants.</summary>
    /// <remarks>A mapping that may be written, or has a page of its own (relocated constants), is not among them.</remarks>
    public static IReadOnlyList<(nuint Start, nuint Length)> CleanFileMappings() => CleanFileMappings(File.ReadLines("/proc/self/smaps"));

    /// <summary>Lets go of pages that are as they are on disk. They come back, from the page cache, when they are touched.</summary>
    /// <param name="mappings">As <see cref="CleanFileMappings()"/> found them, of mappings that are still there.</param>
    public static void Drop(IReadOnlyList<(nuint Start, nuint Length)> mappings)
    {
        foreach (var (start, length) in mappings)
            _ = madvise(start, length, MADV_DONTNEED);
    }

    internal static IReadOnlyList<(nuint Start, nuint Length)> CleanFileMappings(IEnumerable<string> smaps)
    {
        var clean = new List<(nuint, nuint)>();
        (nuint Start, nuint Length)? candidate = null;
        foreach (var line in smaps)
        {
            if (char.IsAsciiHexDigitLower(line[0]))
                candidate = ParseReadOnlyFile(line);
            else if (line.StartsWith("Anonymous:", StringComparison.Ordinal) && !IsZero(line))
                candidate = null;
            // Relocated constants that were swapped out are not anonymous memory any more, and would come back as on disk.
            else if (candidate is { } mapping && line.StartsWith("Swap:", StringComparison.Ordinal) && IsZero(line))
                clean.Add(mapping);
        }
        return clean;
    }

    private static bool IsZero(string line) => line.EndsWith(" 0 kB", StringComparison.Ordinal);

    // start-end perms offset major:minor inode path
    private static (nuint, nuint)? ParseReadOnlyFile(string line)
    {
        var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        if (fields is not [var range, ['r', '-', _, 'p'], _, _, not "0", _])
            return null;
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        var start = nuint.Parse(range.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (start, nuint.Parse(range.AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) - start);
    }

    [LibraryImport("libc")]
    private static partial int madvise(nuint address, nuint length, int advice);
}
