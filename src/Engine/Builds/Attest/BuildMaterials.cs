using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>What a graph's sources are.</summary>
internal sealed class BuildMaterials(BuildImages images, SourceFetch fetch)
{
    /// <summary>All sources that a target is made of, each once; those that nothing is known of are left out.</summary>
    /// <returns>Them, and whether that is all: what clients send has no name that others could find it by.</returns>
    public (IReadOnlyList<Material> Materials, bool AreAll) Of(Vertex? target)
    {
        var materials = new Dictionary<string, Material>(StringComparer.Ordinal);
        var areAll = true;
        foreach (var vertex in Graph.All(target))
        {
            areAll &= vertex is not LocalContext;
            var found = vertex switch
            {
                ImageSource image => images.FindMaterial(image),
                GitSource git => fetch.FindResolved(git) is { } commit ? new(AddressOf(git), commit.Length == 64 ? "sha256" : "sha1", commit) : null,
                HttpSource http => fetch.FindResolved(http) is { } digest && Digest.Parse(digest) is var known ? new Material(http.Url, known.Algorithm, known.Hex) : null,
                _ => null,
            };
            if (found is not null)
                materials[found.Uri] = found;
            else
                areAll &= vertex is not (ImageSource or GitSource or HttpSource);
        }

        return ([.. materials.Values.OrderBy(static m => m.Uri, StringComparer.Ordinal)], areAll);
    }

    private static string AddressOf(GitSource git) => git.Ref is { Length: > 0 } reference ? $"{git.Url}#{reference}" : git.Url;
}
