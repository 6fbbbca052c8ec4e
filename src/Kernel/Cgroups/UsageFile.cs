using System.Globalization;
using System.Text;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Cgroups;

/// <summary>Reads the counters of a cgroup directory. What is not there, or goes while it is read, counts as empty.</summary>
internal static class UsageFile
{
    // memory.stat of version 2 has some 3 KiB; cgroup.procs of a fork bomb has 8 bytes for each of two million processes.
    private const int LargestBytes = 16 << 20;

    /// <summary>A file's text; null when it is not there.</summary>
    public static string? Find(string? directory, string file)
    {
        if (directory is null || Files.TryOpenAt(null, $"{directory}/{file}", OpenFlags.O_RDONLY, 0, out var opened) < 0)
            return null;
        using (opened)
        {
            var buffer = new byte[4096];
            var length = 0;
            while (true)
            {
                var count = Files.TryRead(opened!, buffer.AsSpan(length));
                if (count <= 0) // the end, or ENODEV: the cgroup was removed between open and read
                    return Encoding.ASCII.GetString(buffer, 0, length);
                length += count;
                if (length == LargestBytes)
                    return Encoding.ASCII.GetString(buffer, 0, length);
                if (length == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    /// <summary>A file that is one number; 0 when it is not there.</summary>
    public static long Number(string? directory, string file) => Number(Find(directory, file));

    /// <summary>A limit: a number, or <c>max</c>.</summary>
    public static long Limit(string? directory, string file, long whenMax) =>
        Find(directory, file)?.Trim() is { } text ? text == "max" ? whenMax : Number(text) : 0;

    /// <summary>A file of lines <c>key value</c>.</summary>
    public static Dictionary<string, long> Pairs(string? directory, string file)
    {
        var pairs = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in (Find(directory, file) ?? "").AsSpan().EnumerateLines())
        {
            var blank = line.IndexOf(' ');
            if (blank > 0)
                pairs[line[..blank].ToString()] = Number(line[(blank + 1)..]);
        }
        return pairs;
    }

    /// <summary>The number that a text is; 0 when it is none, the largest when it is larger than that.</summary>
    public static long Number(ReadOnlySpan<char> text) =>
        ulong.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (long)Math.Min(number, long.MaxValue) : 0;

    /// <summary>The two numbers of <c>8:16</c>; false when it is nothing of that form.</summary>
    public static bool TryDevice(ReadOnlySpan<char> text, out long major, out long minor)
    {
        var colon = text.IndexOf(':');
        major = minor = 0;
        return colon > 0 && long.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out major) && long.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out minor);
    }
}
