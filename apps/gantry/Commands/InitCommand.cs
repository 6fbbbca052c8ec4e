using Gantry.Cli.Flags;
using Gantry.Cli.Init;
using Gantry.Model;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry init</c>: a Dockerfile and a .dockerignore for a project that has none. An extension: Docker's is a plugin.</summary>
internal static class InitCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "init",
        Usage = "[OPTIONS] [PATH]",
        Summary = "Write a Dockerfile and a .dockerignore for a project",
        Arity = Arity.Between(0, 1),
        Names = Names.Files,
        Flags = static () =>
        [
            new("force", FlagKind.Bool, "Replace files that are there", 'f'),
            new("type", FlagKind.Text, "Kind of project (dotnet, go, java, node, python, static); default: what its files tell", 't'),
        ],
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var path = invocation.Arguments.Count == 0 ? "." : invocation.Arguments[0];
        if (!Directory.Exists(path))
            throw GantryException.Of(ErrorKind.NotFound, $"there is no folder {path}");
        var folder = new ProjectFolder(path);
        var kind = ProjectKinds.Of(folder, invocation.Flags.Text("type"));
        (string Name, string Text)[] files = [("Dockerfile", kind.Dockerfile(folder)), (".dockerignore", ProjectKinds.IgnoreFile(kind))];
        // Both or neither: all is checked before anything is written.
        var there = files.Where(file => folder.Has(file.Name)).Select(static file => file.Name).ToList();
        if (there.Count > 0 && !invocation.Flags.Bool("force"))
            throw GantryException.Of(ErrorKind.AlreadyExists, $"{string.Join(" and ", there)} {(there.Count == 1 ? "is" : "are")} there already: nothing was written; --force replaces {(there.Count == 1 ? "it" : "them")}");
        foreach (var (name, text) in files)
            Write(Path.Combine(path, name), text);
        invocation.Out.WriteLine($"Wrote Dockerfile and .dockerignore for {kind.Title}.");
        invocation.Out.WriteLine($"Build it:  gantry build -t {folder.Name} {path}");
        return ExitCodes.Success;
    }

    private static void Write(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"cannot write {path}: {e.Message}", cause: e);
        }
    }
}
