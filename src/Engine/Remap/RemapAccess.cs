using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Remap;

/// <summary>Whether containers in user namespaces reach their bundles: their root is somebody else on the host.</summary>
/// <remarks>Source: moby daemon/daemon_unix.go setupDaemonRoot, which asks the same of the data root.</remarks>
internal static class RemapAccess
{
    private const uint OthersExecute = 1;
    private const uint GroupExecute = 8;
    private const uint OwnerExecute = 64;

    /// <summary>Opens the directory of all bundles to be passed through, and checks those above it, which are not the engine's to change.</summary>
    /// <exception cref="GantryException">Invalid: a directory on the way is closed; the sentence says what to type.</exception>
    public static void Open(string execRoot, IdMap ids)
    {
        for (var directory = execRoot; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (Files.TryStatus(null, directory, 0, out var status) < 0 || LetsPass(status, ids.Root))
                continue;
            throw GantryException.Of(
                ErrorKind.Invalid,
                $"--userns-remap: the directory {directory}, above the containers' files in {execRoot}, lets no others pass, so that the containers' root (user {ids.Root.Uid}) cannot reach them: chmod o+x {directory}, or choose another --exec-root");
        }

        var bundles = Path.Combine(execRoot, "containers");
        var made = Files.TryMkdirAt(null, bundles, 0x1C9);
        if (made is not (0 or -Errno.EEXIST))
            throw GantryException.During($"make {bundles}", new SyscallException("mkdir", -made, bundles));
        using var opened = Files.Open(bundles, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        _ = Files.TryChmod(opened, 0x1C9); // 0711
    }

    private static bool LetsPass(in FileStatus status, (uint Uid, uint Gid) who)
    {
        var needed = status.Uid == who.Uid ? OwnerExecute : status.Gid == who.Gid ? GroupExecute : OthersExecute;
        return (status.Mode & needed) != 0;
    }
}
