using System.Text;

namespace Gantry.Kernel.Sys;

/// <summary>The mounts of this process's namespace. Source: proc_pid_mountinfo(5).</summary>
public static class MountTable
{
    /// <summary>Reads them, in the order of the kernel's: of two at one place the later covers the earlier.</summary>
    public static IReadOnlyList<MountEntry> Read() => Parse(File.ReadAllText("/proc/self/mountinfo"));

    /// <summary>Parses the file. Lines that are not of its form are skipped.</summary>
    public static IReadOnlyList<MountEntry> Parse(string mountinfo)
    {
        var entries = new List<MountEntry>();
        foreach (var line in mountinfo.Split('\n'))
        {
            var separator = line.IndexOf(" - ", StringComparison.Ordinal);
            if (separator < 0)
                continue;
            var left = line[..separator].Split(' ');
            if (left.Length >= 6)
                entries.Add(new(Unescape(left[4]), Unescape(left[3]), left[6..], line[(separator + 3)..].Split(' ')[0]));
        }

        return entries;
    }

    /// <summary>The mount that a path lies on; null when the table has none.</summary>
    /// <param name="mounts">The table.</param>
    /// <param name="path">Absolute, without symbolic links.</param>
    public static MountEntry? Find(IReadOnlyList<MountEntry> mounts, string path) => mounts
        .Where(mount => mount.MountPoint == "/" || path == mount.MountPoint || path.StartsWith(mount.MountPoint + "/", StringComparison.Ordinal))
        .OrderBy(static mount => mount.MountPoint.Length)
        .LastOrDefault();

    /// <summary>Undoes the three octal digits by which mountinfo writes blanks, tabs, newlines and backslashes.</summary>
    internal static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                plain.Append((char)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
