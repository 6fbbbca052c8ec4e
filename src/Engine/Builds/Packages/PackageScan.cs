using Gantry.Kernel.Fds;

namespace Gantry.Engine.Builds;

/// <summary>Lists the packages of a file tree: those of dpkg, apk, rpm and npm.</summary>
internal static class PackageScan
{
    /// <summary>All packages, each once, in the order of their package URLs. The tree is hostile.</summary>
    public static IReadOnlyList<SoftwarePackage> Run(Fd root, CancellationToken cancellationToken)
    {
        var os = OsRelease.Read(root);
        var files = PackageFiles.All(root, NodePackages.IsOfInterest, cancellationToken);
        return
        [
            .. DebianPackages.Find(root, os).Concat(AlpinePackages.Find(root, os)).Concat(RpmPackages.Find(root, os)).Concat(NodePackages.Find(root, files.Order(StringComparer.Ordinal)))
                .DistinctBy(static p => p.Url).OrderBy(static p => p.Url, StringComparer.Ordinal),
        ];
    }
}
