using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;

namespace Gantry.Engine.Builds;

/// <summary>Finds files of a tree, by descriptors: no link leads out of it. The tree is hostile.</summary>
internal static class PackageFiles
{
    private const ulong Below = Inodes.Beneath | Inodes.NoSymlinks;
    private const int MostLevels = 200;

    /// <summary>The paths of the files in a directory, in order; none where there is no such directory.</summary>
    public static IReadOnlyList<string> In(Fd root, string directory)
    {
        if (Open(root, directory) is not { } opened)
            return [];
        using (opened)
        {
            var names = new List<byte[]>();
            return Inodes.List(opened, names) < 0 ? [] : [.. names.Select(static n => Encoding.UTF8.GetString(n.AsSpan(..^1))).Order(StringComparer.Ordinal).Select(n => directory + "/" + n)];
        }
    }

    /// <summary>The paths of all files that somebody wants to see, in no order.</summary>
    public static IReadOnlyList<string> All(Fd root, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        var waiting = new Stack<(string Path, int Level)>([("", 0)]);
        var names = new List<byte[]>();
        while (waiting.TryPop(out var next))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Open(root, next.Path.Length == 0 ? "." : next.Path) is not { } directory)
                continue;
            using (directory)
            {
                names.Clear();
                if (Inodes.List(directory, names) < 0)
                    continue;
                foreach (var name in names)
                {
                    var path = RawPath.Join(next.Path, Encoding.UTF8.GetString(name.AsSpan(..^1)));
                    if (wanted(path))
                        found.Add(path);
                    else if (next.Level < MostLevels && Inodes.Status(directory, name, out var status) == 0 && status.IsDirectory)
                        waiting.Push((path, next.Level + 1));
                }
            }
        }

        return found;
    }

    /// <summary>A file's content, wherever links in the tree lead; null: it is not there, or larger than such a file is.</summary>
    public static byte[]? Read(Fd root, string path, int limitBytes)
    {
        try
        {
            return SafePath.FindContent(root, path, limitBytes);
        }
        catch (SyscallException e) when (e.Number == Errno.EFBIG)
        {
            return null;
        }
    }

    private static Fd? Open(Fd root, string path)
    {
        if (Inodes.OpenResolved(root, [.. Encoding.UTF8.GetBytes(path), 0], Inodes.ReadOnly | Inodes.Directory, 0, Below, out var directory) >= 0)
            return directory;
        directory.Dispose();
        return null;
    }
}
