using System.Text;
using Gantry.Kernel.Fds;

namespace Gantry.Engine.Builds;

/// <summary>What apk has installed.</summary>
/// <remarks>Source: Alpine's wiki, "Apk spec": the installed database.</remarks>
internal static class AlpinePackages
{
    private const int LargestFile = 64 << 20;

    private static readonly string[] s_databases = ["lib/apk/db/installed", "usr/lib/apk/db/installed"];

    public static IEnumerable<SoftwarePackage> Find(Fd root, OsRelease os)
    {
        foreach (var path in s_databases)
        {
            // Newer ones have a link from the old place to the new.
            if (PackageFiles.Read(root, path, LargestFile) is { } text)
                return Read(Encoding.UTF8.GetString(text), "/" + path, os);
        }

        return [];
    }

    /// <summary>Reads a database's text.</summary>
    internal static IEnumerable<SoftwarePackage> Read(string text, string source, OsRelease os)
    {
        foreach (var paragraph in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = new Dictionary<char, string>();
            foreach (var line in paragraph.Split('\n'))
            {
                if (line is [var key, ':', ..])
                    fields.TryAdd(key, line[2..]);
            }

            if (fields.GetValueOrDefault('P', "") is not { Length: > 0 } name)
                continue;
            yield return new()
            {
                Type = "apk",
                Space = os.Id.Length > 0 ? os.Id : "alpine",
                Name = name,
                Version = fields.GetValueOrDefault('V', ""),
                Architecture = fields.GetValueOrDefault('A', ""),
                Distribution = os.Distribution,
                Upstream = fields.GetValueOrDefault('o', "") is var from && from != name ? from : "",
                License = fields.GetValueOrDefault('L', ""),
                Maintainer = fields.GetValueOrDefault('m', ""),
                Source = source,
            };
        }
    }
}
