namespace Gantry.Runtime.Rootfs;

/// <summary>A bind mount opened as a detached tree.</summary>
/// <param name="Descriptor">The tree, in the child's table.</param>
/// <param name="IsDirectory">What its mount point has to be.</param>
internal readonly record struct OpenedMount(int Descriptor, bool IsDirectory);
