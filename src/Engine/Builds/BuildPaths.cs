using Gantry.Archive;

namespace Gantry.Engine.Builds;

/// <summary>Where builds keep files, below the data root.</summary>
internal sealed record BuildPaths(string Contexts, string Caches, string Sources, string Scratch)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the directories, and removes what builds of an earlier engine left half done.</summary>
    public static BuildPaths Make(string dataRoot)
    {
        var root = Path.Combine(dataRoot, "builds");
        var paths = new BuildPaths(Path.Combine(root, "contexts"), Path.Combine(root, "caches"), Path.Combine(root, "sources"), Path.Combine(root, "scratch"));
        foreach (var passing in (string[])[paths.Sources, paths.Scratch])
            Trees.TryRemove(passing);
        foreach (var path in (string[])[paths.Contexts, paths.Caches, paths.Sources, paths.Scratch])
            Directory.CreateDirectory(path, Private);
        foreach (var half in Directory.EnumerateDirectories(paths.Contexts, ".*").Concat(Directory.EnumerateDirectories(paths.Caches, ".*")))
            Trees.TryRemove(half);
        return paths;
    }
}
