using Gantry.Archive;

namespace Gantry.Engine.Builds;

/// <summary>Where builds keep files, below the data root.</summary>
internal sealed record BuildPaths(string Contexts, string Caches, string Sources, string Scratch, string Recipes)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the directories, and removes what builds of an earlier engine left half done.</summary>
    public static BuildPaths Make(string dataRoot, string execRoot)
    {
        var root = Path.Combine(dataRoot, "builds");
        var paths = new BuildPaths(Path.Combine(root, "contexts"), Path.Combine(root, "caches"), Path.Combine(root, "sources"), Path.Combine(root, "scratch"), Path.Combine(root, "recipes"));
        // Of the last, what is mounted in steps that were cut off: their secrets too.
        foreach (var passing in (string[])[paths.Sources, paths.Scratch, Path.Combine(execRoot, "builds")])
            Trees.TryRemove(passing);
        foreach (var path in (string[])[paths.Contexts, paths.Caches, paths.Sources, paths.Scratch, paths.Recipes])
            Directory.CreateDirectory(path, Private);
        foreach (var half in Directory.EnumerateDirectories(paths.Contexts, ".*").Concat(Directory.EnumerateDirectories(paths.Caches, ".*")))
            Trees.TryRemove(half);
        foreach (var half in Directory.EnumerateFiles(paths.Recipes, ".*"))
            File.Delete(half);
        return paths;
    }
}
