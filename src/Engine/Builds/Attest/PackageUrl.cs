using System.Text;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Package URLs: names of packages of all kinds.</summary>
/// <remarks>Source: package-url/purl-spec; buildkit util/purl for images.</remarks>
internal static class PackageUrl
{
    /// <summary>An image by its name, as in <c>pkg:docker/busybox@latest?platform=linux%2Famd64</c>.</summary>
    public static string OfImage(ImageReference name, string platform, Digest? digest = null)
    {
        var familiar = name.FamiliarName;
        var slash = familiar.LastIndexOf('/');
        List<(string, string?)> qualifiers = [("digest", digest?.ToString()), ("platform", platform)];
        return Of("docker", slash < 0 ? "" : familiar[..slash], familiar[(slash + 1)..], name.Tag ?? "", qualifiers);
    }

    /// <summary>A package.</summary>
    /// <param name="space">The namespace; empty: none.</param>
    /// <param name="qualifiers">In the order of their names; those without a value are left out.</param>
    public static string Of(string type, string space, string name, string version, IEnumerable<(string Name, string? Value)> qualifiers)
    {
        var url = new StringBuilder("pkg:").Append(type).Append('/');
        foreach (var segment in space.Split('/', StringSplitOptions.RemoveEmptyEntries))
            url.Append(Escape(segment)).Append('/');
        url.Append(Escape(name));
        if (version.Length > 0)
            url.Append('@').Append(Escape(version));
        var separator = '?';
        foreach (var (key, value) in qualifiers)
        {
            if (string.IsNullOrEmpty(value))
                continue;
            url.Append(separator).Append(key).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }

        return url.ToString();
    }

    // A colon stands for itself.
    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%3A", ":", StringComparison.Ordinal);
}
