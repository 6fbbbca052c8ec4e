using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Mounts;
using Gantry.Store;

namespace Gantry.Engine.Containers;

/// <summary>
/// Looks into a container's root filesystem while it does not run: a read-only overlay that is mounted nowhere. What is
/// in it is hostile: reach paths below it by SafePath alone.
/// </summary>
internal static class RootfsView
{
    /// <summary>Opens the root directory. The caller disposes it before the container is started.</summary>
    public static Fd Open(Snapshot snapshot)
    {
        var mount = snapshot.RootfsMounts is [var only] ? only : throw new InvalidOperationException("a snapshot of several mounts cannot be looked into");
        if (mount.Type == "bind")
            return Files.Open(mount.Source, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        try
        {
            return DetachedMounts.OpenReadOnly(mount.Type, mount.Source, Options(mount), mount.WorkingDirectory);
        }
        catch (SyscallException refused)
        {
            throw GantryException.During("look into the root filesystem", refused);
        }
    }

    /// <summary>The overlay without its writable layer, which becomes the topmost of the read-only ones.</summary>
    internal static IReadOnlyList<string> Options(RootfsMount mount)
    {
        List<string> kept = [];
        string? upper = null, lower = null;
        foreach (var option in mount.Options)
        {
            if (option.StartsWith("upperdir=", StringComparison.Ordinal))
                upper = option["upperdir=".Length..];
            else if (option.StartsWith("lowerdir=", StringComparison.Ordinal))
                lower = option["lowerdir=".Length..];
            else if (!option.StartsWith("workdir=", StringComparison.Ordinal) && option is not ("ro" or "rw" or "volatile"))
                kept.Add(option);
        }
        return [$"lowerdir={string.Join(':', new[] { upper, lower }.OfType<string>())}", .. kept];
    }
}
