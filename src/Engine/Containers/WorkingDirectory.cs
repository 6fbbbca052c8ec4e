using Gantry.Engine.Builds;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Containers;

/// <summary>
/// A new container's working directory: made when its image lacks it, so that files can be copied to and from it before
/// the container runs, and a read-only root filesystem does not stand in its way.
/// </summary>
/// <remarks>Source: moby container/container.go SetupWorkingDirectory.</remarks>
internal static class WorkingDirectory
{
    /// <summary>Makes the directory with those above it. It belongs to the container's root: a user namespace maps its layers.</summary>
    /// <param name="snapshot">The new root filesystem.</param>
    /// <param name="path">Absolute; null or empty: the root.</param>
    /// <returns>Whether it was made: the snapshot must be looked up again then.</returns>
    /// <exception cref="GantryException">Internal: something else is in its place.</exception>
    public static bool Ensure(Snapshot snapshot, string? path)
    {
        if (string.IsNullOrEmpty(path) || path == "/" || IsThere(snapshot, path))
            return false;
        try
        {
            using var root = BuildTrees.OpenWritable(snapshot);
            SafePath.EnsureDirectory(root, path).Dispose();
            return true;
        }
        catch (SyscallException refused)
        {
            throw GantryException.During($"make the working directory {path}", refused);
        }
    }

    private static bool IsThere(Snapshot snapshot, string path)
    {
        using var root = RootfsView.Open(snapshot);
        var failed = SafePath.TryOpenInRoot(root, path, OpenFlags.O_PATH, 0, out var found);
        using (found)
        {
            if (failed == -Errno.ENOTDIR || (found is not null && !Files.Status(found).IsDirectory))
                throw GantryException.Of(ErrorKind.Internal, $"Cannot mkdir: {path} is not a directory");
            return found is not null;
        }
    }
}
