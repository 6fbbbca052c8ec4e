using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Planning;

/// <summary>Whether the host's mounts can pass on what binds with <c>shared</c> or <c>slave</c> propagation ask for.</summary>
/// <remarks>Source: moby daemon/oci_linux.go, ensureShared and ensureSharedOrSlave, whose sentences these are.</remarks>
internal static class BindPropagation
{
    /// <summary>Checks every bind of a container.</summary>
    /// <param name="mounts">The container's.</param>
    /// <param name="dataRoot">The engine's; what holds it, or lies in it, is a slave unasked, and need not be able to be one.</param>
    /// <exception cref="GantryException">Internal, as at Docker: a source lies on a mount that passes nothing on.</exception>
    public static void Check(IReadOnlyList<PlanMount> mounts, string dataRoot)
    {
        IReadOnlyList<MountEntry>? table = null;
        foreach (var mount in mounts.Where(static m => m is { Kind: PlanMountKind.Bind, Propagation: "shared" or "rshared" or "slave" or "rslave" }))
        {
            var source = Real(mount.Source);
            var onSlave = mount.Propagation.EndsWith("slave", StringComparison.Ordinal);
            if (onSlave && (source.StartsWith(dataRoot, StringComparison.Ordinal) || dataRoot.StartsWith(source, StringComparison.Ordinal)))
                continue;
            if (Problem(table ??= MountTable.Read(), source, onSlave) is { } problem)
                throw GantryException.Of(ErrorKind.Internal, problem);
        }
    }

    /// <summary>The sentence about one source; null when its mount will do. Pure.</summary>
    internal static string? Problem(IReadOnlyList<MountEntry> table, string source, bool slaveWillDo)
    {
        if (MountTable.Find(table, source) is not { } mount)
            return $"Could not find source mount of {source}";
        if (mount.IsShared || (slaveWillDo && mount.IsSlave))
            return null;
        var kinds = slaveWillDo ? "shared or slave" : "shared";
        return $"path {source} is mounted on {mount.MountPoint} but it is not a {kinds} mount: type \"mount --make-shared {mount.MountPoint}\", or leave the propagation out";
    }

    /// <summary>The path without symbolic links, as the kernel will find it.</summary>
    private static string Real(string path)
    {
        using var opened = Files.Open(path, OpenFlags.O_PATH);
        return Files.FindLink(null, opened.ProcPath) ?? path;
    }
}
