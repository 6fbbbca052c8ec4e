using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Init;

namespace Gantry.Runtime.Rootfs;

/// <summary>Takes a part of a mount in place of the whole (mount(8), <c>X-mount.subdir</c>).</summary>
internal static class Subdirectory
{
    /// <summary>The part that the options name, as a detached mount of its own.</summary>
    /// <param name="whole">The directory that the part is looked for in; stays the caller's.</param>
    /// <exception cref="GantryException">NotFound: nothing is there.</exception>
    /// <remarks>
    /// What is in it may belong to somebody hostile, who can exchange a directory for a link at any moment: the path is
    /// resolved within the whole, and what was found is taken by its descriptor.
    /// </remarks>
    public static Fd Clone(Fd whole, RuntimeMount mount, MountOptions options)
    {
        var path = options.Subdirectory!;
        var result = SafePath.TryOpenInRoot(whole, path, OpenFlags.O_PATH, 0, out var found);
        if (result < 0)
        {
            var hint = result == -Errno.ENOENT ? ": make it, or correct the path" : "";
            throw GantryException.Of(
                result == -Errno.ENOENT ? ErrorKind.NotFound : ErrorKind.Invalid,
                $"mount {path} of {mount.Source} at {mount.Destination}: {Errno.Text(-result)}{hint}",
                new LaunchFailure(LaunchStage.Rootfs, -result));
        }

        using (found)
        {
            result = Mounts.TryCloneTree(found, "", options.BindRecursive, out var part);
            return result == 0 ? part! : throw LaunchErrors.Of(LaunchStage.Rootfs, $"mount {path} of {mount.Source} at {mount.Destination}", new SyscallException("open_tree", -result));
        }
    }
}
