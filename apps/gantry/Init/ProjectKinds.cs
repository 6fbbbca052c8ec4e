using Gantry.Cli.Flags;
using Gantry.Model;

namespace Gantry.Cli.Init;

/// <summary>All kinds of projects, in the order in which they are tried: a Go service with a package.json for its pages is Go.</summary>
internal static class ProjectKinds
{
    /// <summary>What no build needs of any project.</summary>
    private static readonly string[] s_ignored = [".git", ".github", ".gitignore", ".dockerignore", "Dockerfile", "compose*.y*ml", "docker-compose*.y*ml", ".env", ".env.*", "*.log", ".DS_Store", ".vscode", "README.md"];

    public static IReadOnlyList<IProjectKind> All { get; } = [new DotNetProject(), new GoProject(), new JavaProject(), new NodeProject(), new PythonProject(), new StaticProject()];

    /// <summary>The kind of a name, or the kind that a folder is of.</summary>
    /// <param name="name">Empty: look.</param>
    /// <exception cref="FlagException">No kind has this name.</exception>
    /// <exception cref="GantryException">NotFound: the folder is of none.</exception>
    public static IProjectKind Of(ProjectFolder folder, string name)
    {
        var names = string.Join(", ", All.Select(static kind => kind.Name));
        if (name.Length > 0)
            return All.FirstOrDefault(kind => kind.Name == name) ?? throw new FlagException($"no kind of project is called \"{name}\": use one of {names}");
        return All.FirstOrDefault(kind => kind.Matches(folder))
            ?? throw GantryException.Of(ErrorKind.NotFound, $"this folder has no file that tells what kind of project it is (package.json, requirements.txt, *.csproj, go.mod, pom.xml, index.html): name it with --type ({names})");
    }

    /// <summary>The .dockerignore for a kind.</summary>
    public static string IgnoreFile(IProjectKind kind) => "# What builds do not need: what is listed here is not sent to the engine.\n" + string.Join('\n', [.. s_ignored, .. kind.Ignored]) + "\n";
}
