using Gantry.Cli.Flags;

namespace Gantry.Cli.Copy;

/// <summary>What is known of one side of a copy before it begins.</summary>
/// <param name="Path">Where it is, with the slash or dot at its end.</param>
/// <param name="Exists">Whether something is there.</param>
/// <param name="IsDirectory">Whether that is a directory.</param>
/// <param name="Name">What it is to be called when that is not its own name: a link that was followed keeps its name. Null: its own.</param>
internal sealed record CopySide(string Path, bool Exists, bool IsDirectory, string? Name = null)
{
    /// <summary>Decides where an archive is unpacked and what its top entry is called there.</summary>
    /// <returns>The directory, and the name; the archive's own name when nothing is to be renamed.</returns>
    /// <exception cref="FlagException">It cannot be copied there.</exception>
    /// <remarks>Source: moby go-archive copy.go, PrepareArchiveCopy.</remarks>
    public static (string Directory, string Name) Plan(CopySide source, CopySide destination)
    {
        var own = source.Name ?? CopyPath.Split(source.Path).Entry;
        var (directory, name) = CopyPath.Split(destination.Path);
        if (destination is { Exists: true, IsDirectory: true })
            return (destination.Path, own);
        if (destination.Exists && source.IsDirectory)
            throw new FlagException("cannot copy directory");
        if (!destination.Exists && !source.IsDirectory && CopyPath.AssertsDirectory(destination.Path))
            throw new FlagException("no such directory");
        return (directory, name);
    }
}
