using System.Formats.Tar;
using Gantry.Tests.Support;

namespace Gantry.Tests.E2E.Builds;

/// <summary>A folder of files to build of; gone when disposed.</summary>
internal sealed class Project : IDisposable
{
    public Project(params (string Name, string Content)[] files)
    {
        Folder = Directory.CreateTempSubdirectory("gantry-project-").FullName;
        foreach (var (name, content) in files)
            Put(name, content);
    }

    public string Folder { get; }

    public string Put(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>The folder as an archive in a file outside it.</summary>
    public string Archive()
    {
        var path = Folder + ".tar";
        // Docker's client looks at the first block alone to see whether it is an archive.
        using var tar = new TarWriter(File.Create(path), TarEntryFormat.Ustar);
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
            tar.WriteEntry(file, Path.GetRelativePath(Folder, file));
        return path;
    }

    /// <summary>Docker's own command line, with its classic builder.</summary>
    public static Task<CommandResult> ClassicAsync(EngineFixture engine, params string[] arguments) =>
        Command.RunAsync("docker", ["-H", engine.Host, .. arguments], "", new Dictionary<string, string?> { ["DOCKER_BUILDKIT"] = "0" });

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        File.Delete(Folder + ".tar");
    }
}
