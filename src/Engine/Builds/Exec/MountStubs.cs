using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;

namespace Gantry.Engine.Builds;

/// <summary>
/// Mount points that a step's mounts needed and its tree did not have. They are taken away afterwards where nothing was put
/// into them, so that a layer does not tell of mounts.
/// </summary>
internal sealed class MountStubs
{
    // The deepest first.
    private readonly List<string> _missing;

    private MountStubs(List<string> missing) => _missing = missing;

    /// <summary>Notes what is missing, before the step runs.</summary>
    public static MountStubs Find(Fd root, IReadOnlyList<string> destinations)
    {
        var missing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var destination in destinations)
        {
            for (var path = destination.Trim('/'); path.Length > 0 && SafePath.FindStatus(root, path, follow: false) is null; path = RawPath.Parent(path))
                missing.Add(path);
        }

        return new([.. missing.OrderByDescending(p => p.Length)]);
    }

    /// <summary>Removes those that are empty, and what the writable layer has of directories only because of them.</summary>
    /// <param name="below">The tree that the step ran on.</param>
    /// <param name="upperPath">The writable layer; nothing is mounted there any more.</param>
    public void Remove(Fd below, string upperPath)
    {
        if (_missing.Count == 0)
            return;
        using var upper = Files.Open(upperPath, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        foreach (var path in _missing)
        {
            if (!TryRemove(upper, path))
                continue;
            // A directory that exists below was copied up to hold the stub; without it, it says nothing any more.
            for (var parent = RawPath.Parent(path); parent.Length > 0 && !_missing.Contains(parent) && IsSame(below, upper, parent) && TryRemove(upper, parent);)
                parent = RawPath.Parent(parent);
        }
    }

    private static bool TryRemove(Fd upper, string path)
    {
        if (SafePath.TryOpenInRoot(upper, RawPath.Parent(path), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0, out var parent) < 0)
            return false;
        using (parent)
        {
            byte[] name = [.. Encoding.UTF8.GetBytes(RawPath.Name(path)), 0];
            if (Inodes.Status(parent, name, out var status) < 0)
                return false;
            if (status.IsDirectory)
                return Inodes.Unlink(parent, name, Inodes.RemoveDirectory) == 0;
            return status.IsRegular && status.Size == 0 && Inodes.Unlink(parent, name) == 0;
        }
    }

    private static bool IsSame(Fd below, Fd upper, string path) =>
        SafePath.FindStatus(below, path, follow: false) is { IsDirectory: true } old && SafePath.FindStatus(upper, path, follow: false) is { IsDirectory: true } now
        && (old.Mode, old.Uid, old.Gid) == (now.Mode, now.Uid, now.Gid);
}
