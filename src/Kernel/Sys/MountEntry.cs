namespace Gantry.Kernel.Sys;

/// <summary>One mount of a mount namespace.</summary>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Root">Which directory of its filesystem that shows.</param>
/// <param name="Propagation">Its peer groups: <c>shared:N</c>, <c>master:N</c>, …; empty: private.</param>
/// <param name="Type">The filesystem, as in <c>tmpfs</c>.</param>
public sealed record MountEntry(string MountPoint, string Root, IReadOnlyList<string> Propagation, string Type)
{
    /// <summary>Whether mounts made below it appear at its peers, and theirs here.</summary>
    public bool IsShared => Propagation.Any(static tag => tag.StartsWith("shared:", StringComparison.Ordinal));

    /// <summary>Whether mounts made below its master appear here.</summary>
    public bool IsSlave => Propagation.Any(static tag => tag.StartsWith("master:", StringComparison.Ordinal));
}
