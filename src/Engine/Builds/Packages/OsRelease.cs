using System.Text;
using Gantry.Kernel.Fds;

namespace Gantry.Engine.Builds;

/// <summary>Which distribution a file tree is of.</summary>
/// <param name="Id">As in <c>debian</c>; empty: it does not say.</param>
/// <param name="Version">As in <c>12</c>.</param>
/// <remarks>Source: os-release(5).</remarks>
internal sealed record OsRelease(string Id, string Version)
{
    private const int LargestFile = 64 << 10;

    /// <summary>As package URLs have it; empty: unknown.</summary>
    public string Distribution => Id.Length == 0 ? "" : Version.Length == 0 ? Id : $"{Id}-{Version}";

    /// <summary>Reads what a tree says. The tree is hostile.</summary>
    public static OsRelease Read(Fd root)
    {
        var text = PackageFiles.Read(root, "etc/os-release", LargestFile) ?? PackageFiles.Read(root, "usr/lib/os-release", LargestFile) ?? [];
        var (id, version) = ("", "");
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n'))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                continue;
            var value = line[(equals + 1)..].Trim().Trim('"', '\'');
            if (line.StartsWith("ID=", StringComparison.Ordinal))
                id = value;
            else if (line.StartsWith("VERSION_ID=", StringComparison.Ordinal))
                version = value;
        }

        return new(id, version);
    }
}
