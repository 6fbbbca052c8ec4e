using Gantry.Archive;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Store;

/// <summary>
/// Limits of the sizes of writable layers. Each limited one is a project of the file system's; which number is taken is read
/// off the directories, so that nothing can be forgotten.
/// </summary>
internal sealed class SnapshotSizes(string root)
{
    // Away from the small numbers that people write into /etc/projects.
    private const uint FirstProject = 0x47000000;

    private readonly Lock _giving = new();

    /// <summary>Whether the file system below keeps such limits.</summary>
    public bool AreKept { get; } = Kept(root);

    /// <summary>Limits a directory that is still empty.</summary>
    /// <exception cref="SyscallException">The file system refuses.</exception>
    public void Limit(Fd directory, long bytes)
    {
        lock (_giving)
        {
            var project = FirstProject;
            foreach (var other in Directory.EnumerateDirectories(root))
                project = Math.Max(project, ProjectOf(other) + 1);
            ProjectQuotas.Limit(directory, project, bytes);
            ProjectQuotas.Assign(directory, project);
        }
    }

    /// <summary>Which project a directory belongs to; 0: none.</summary>
    public uint ProjectOf(string path)
    {
        if (!AreKept || Inodes.Open(null, RawPath.Bytes(path), Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory) < 0)
            return 0;
        using (directory)
            return ProjectQuotas.ProjectOf(directory);
    }

    /// <summary>Forgets the limit of a project that nothing is left of.</summary>
    public void Forget(uint project)
    {
        if (project < FirstProject)
            return;
        using var directory = LayerStore.OpenDirectory(root);
        ProjectQuotas.Limit(directory, project, 0);
    }

    private static bool Kept(string root)
    {
        using var directory = LayerStore.OpenDirectory(root);
        return ProjectQuotas.AreKept(directory);
    }
}
