using System.Text;
using Gantry.Kernel.Fds;

namespace Gantry.Engine.Builds;

/// <summary>What dpkg has installed: its database, or the pieces of one that images without dpkg have.</summary>
/// <remarks>Source: deb-control(5), dpkg(1) "Files".</remarks>
internal static class DebianPackages
{
    private const string Database = "var/lib/dpkg/status";
    private const string Pieces = "var/lib/dpkg/status.d";
    private const int LargestFile = 64 << 20;

    public static IEnumerable<SoftwarePackage> Find(Fd root, OsRelease os)
    {
        foreach (var path in PackageFiles.In(root, Pieces).Where(static p => !p.EndsWith(".md5sums", StringComparison.Ordinal)).Prepend(Database))
        {
            if (PackageFiles.Read(root, path, LargestFile) is not { } text)
                continue;
            foreach (var package in Read(Encoding.UTF8.GetString(text), "/" + path, os, isDatabase: path == Database))
                yield return package;
        }
    }

    /// <summary>Reads a database's text.</summary>
    /// <param name="isDatabase">Whether it says which of its packages are installed; otherwise all are.</param>
    internal static IEnumerable<SoftwarePackage> Read(string text, string source, OsRelease os, bool isDatabase)
    {
        foreach (var paragraph in text.Replace("\r\n", "\n", StringComparison.Ordinal).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var line in paragraph.Split('\n'))
            {
                // What begins with a space goes on with the field before: a description.
                if (line.Length > 0 && line[0] is not (' ' or '\t') && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                    fields[line[..colon]] = line[(colon + 1)..].Trim();
            }

            if (fields.GetValueOrDefault("Package", "") is not { Length: > 0 } name || fields.GetValueOrDefault("Version", "") is not { Length: > 0 } version)
                continue;
            if (isDatabase && !fields.GetValueOrDefault("Status", "").EndsWith(" installed", StringComparison.Ordinal))
                continue;
            yield return new()
            {
                Type = "deb",
                Space = os.Id.Length > 0 ? os.Id : "debian",
                Name = name,
                Version = version,
                Architecture = fields.GetValueOrDefault("Architecture", ""),
                Distribution = os.Distribution,
                // "glibc (2.36-9)": the version only where it is another one.
                Upstream = fields.GetValueOrDefault("Source", "").Split(' ')[0] is var from && from != name ? from : "",
                Maintainer = fields.GetValueOrDefault("Maintainer", ""),
                Source = source,
            };
        }
    }
}
