namespace Gantry.Runtime.Init;

/// <summary>
/// What a child in the middle of its program may ask of the parent: things that need ordinary code. The child waits for the answer.
/// </summary>
internal abstract record Assist
{
    /// <summary>Write the maps of the child's user namespace.</summary>
    public sealed record WriteMaps : Assist;

    /// <summary>Make a missing mount point, or the working directory, inside the root; links are followed within it.</summary>
    public sealed record MakePath(string Path, bool Directory) : Assist;

    /// <summary>Copy what lies below a mount point into the tmpfs that will cover it.</summary>
    /// <param name="MountDescriptor">The tmpfs in the child's descriptor table.</param>
    public sealed record CopyUp(string Path, int MountDescriptor) : Assist;

    /// <summary>Run the hooks due before pivot_root.</summary>
    public sealed record RunHooks : Assist;

    /// <summary>Hand the seccomp listener to whom the config names.</summary>
    /// <param name="Descriptor">The listener in the child's descriptor table.</param>
    public sealed record SendListener(int Descriptor) : Assist;
}
