using Gantry.Cli.Flags;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;

namespace Gantry.Cli.Copy;

/// <summary>The side of a copy that is on this machine.</summary>
/// <remarks>Source: moby go-archive copy.go; docker/cli cli/command/utils.go ValidateOutputPath.</remarks>
internal static class LocalSide
{
    private const int MostLinks = 10;

    /// <summary>Makes a path absolute; a slash or dot at its end is kept.</summary>
    public static string Absolute(string path) =>
        CopyPath.Normalize(path.StartsWith('/') ? path : Directory.GetCurrentDirectory() + "/" + path);

    /// <summary>Looks at what is to be copied.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="follow">Whether a symbolic link at its end is followed.</param>
    /// <exception cref="FlagException">It is not there.</exception>
    public static CopySide Source(string path, bool follow)
    {
        string? name = null;
        if (follow && !CopyPath.AssertsDirectory(path))
            (path, name) = CopyPath.Follow(path, Follow(path).Path);
        var status = Look(path) ?? throw new FlagException($"lstat {path}: no such file or directory");
        if (CopyPath.AssertsDirectory(path) && !status.IsDirectory)
            throw new FlagException($"lstat {path}: not a directory");
        return new(path, true, status.IsDirectory, name);
    }

    /// <summary>Looks at where a copy goes; links are followed, also to what is not there yet.</summary>
    /// <param name="path">Absolute.</param>
    /// <exception cref="FlagException">Its directory is not there, or too many links.</exception>
    public static CopySide Destination(string path)
    {
        var (end, status) = Follow(path);
        if (status is not null)
            return new(end, true, status.Value.IsDirectory);
        var parent = CopyPath.Split(end).Directory;
        if (Stat(parent) is not { } directory)
            throw new FlagException($"stat {parent}: no such file or directory");
        return directory.IsDirectory ? new(end, false, false) : throw new FlagException("not a directory");
    }

    /// <summary>Refuses destinations that are neither file nor directory, or whose directory is not there.</summary>
    public static void CheckDestination(string path)
    {
        var directory = CopyPath.Split(path).Directory;
        if (Stat(directory) is null)
            throw new FlagException($"invalid output path: directory \"{directory}\" does not exist");
        if (Stat(path) is { IsDirectory: false, IsRegular: false } other)
            throw new FlagException($"invalid output path: \"{path}\" must be a directory or a regular file: got {(other.IsCharDevice ? "a device" : "an irregular file")}");
    }

    private static (string Path, FileStatus? Status) Follow(string path)
    {
        var at = path;
        for (var links = 0; ; links++)
        {
            var status = Look(at);
            if (status is not { IsSymlink: true })
                return (at, status);
            if (links > MostLinks)
                throw new FlagException($"too many symlinks in \"{path}\"");
            at = CopyPath.Join(at, Files.FindLink(null, at.TrimEnd('/')) ?? throw new FlagException($"readlink {at}: invalid argument"));
        }
    }

    // A slash at the end follows the link, as lstat(2) does.
    private static FileStatus? Look(string path) => Status(path, OpenFlags.AT_SYMLINK_NOFOLLOW);

    private static FileStatus? Stat(string path) => Status(path, 0);

    private static FileStatus? Status(string path, int flags)
    {
        var result = Files.TryStatus(null, path, flags, out var status);
        return result switch
        {
            0 => status,
            -Errno.ENOENT => null,
            _ => throw new FlagException($"lstat {path}: {Errno.Text(-result)}"),
        };
    }
}
