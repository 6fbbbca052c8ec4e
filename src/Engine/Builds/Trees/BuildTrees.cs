using Gantry.Build;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Opens trees of steps, and makes new ones on top of them.</summary>
internal sealed class BuildTrees(ContentStore content, TimeProvider time)
{
    // Any stack of an image is far below; the kernel takes 500 layers.
    private const int MostLayers = 400;

    /// <summary>Opens a tree's root for reading, mounted nowhere. What is in it is hostile.</summary>
    public Fd Open(BuildTree tree)
    {
        try
        {
            if (tree.Directory is { } path)
                return Files.Open(path, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
            return DirectoriesOf(tree) switch
            {
                [] => OpenEmpty(),
                [var only] => Files.Open(only, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC),
                var several => DetachedMounts.OpenReadOnly("overlay", "overlay", ["lowerdir=" + string.Join(':', several.Select(Path.GetFileName))], content.Layers.Root),
            };
        }
        catch (SyscallException refused)
        {
            throw GantryException.During("look into a step's files", refused);
        }
    }

    /// <summary>The directories of a tree's layers, the topmost first.</summary>
    public IReadOnlyList<string> DirectoriesOf(BuildTree tree) =>
        tree.Directory is { } path ? [path] : [.. content.Layers.Stack(tree.Layers).Reverse().Select(content.Layers.PathOf).Distinct()];

    /// <summary>Whether all of a tree is still there.</summary>
    public bool Has(BuildTree tree)
    {
        var chain = ChainIds.Of(tree.Layers);
        return tree.Directory is null && Enumerable.Range(0, chain.Count).All(i => content.Layers.Find(tree.Layers[i], chain[i]) is not null);
    }

    /// <summary>A writable root on a tree: dispose it, or make a layer of it.</summary>
    /// <param name="mountPoints">Whether a program is to run in it.</param>
    public WritableTree Begin(BuildTree tree, bool mountPoints)
    {
        if (tree.Layers.Count >= MostLayers)
            throw GantryException.Of(ErrorKind.Invalid, $"the image has {tree.Layers.Count} layers, and one more is too many: join some of its RUN instructions");
        var key = ContainerId.New();
        var snapshot = content.Snapshots.Prepare(key.ToString(), tree.Layers, ephemeral: true, mountPoints);
        return new WritableTree(content, key, tree, snapshot, mountPoints, mountPoints ? Begun(snapshot) : DateTimeOffset.UnixEpoch, time);
    }

    // By the clock that files get their times from, which is behind the engine's.
    private static DateTimeOffset Begun(Snapshot snapshot)
    {
        using var upper = Files.Open(snapshot.UpperPath, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        var failed = Inodes.Status(upper, Inodes.Empty, out var status);
        return failed < 0
            ? throw new SyscallException("statx", -failed, snapshot.UpperPath)
            : DateTimeOffset.FromUnixTimeMilliseconds((status.Modified.Seconds * 1000) + (status.Modified.Nanoseconds / 1_000_000));
    }

    /// <summary>Opens the root of a writable tree; it must be closed before the layer is made.</summary>
    public static Fd OpenWritable(Snapshot snapshot)
    {
        var mount = snapshot.RootfsMounts[0];
        return mount.Type == "bind"
            ? Files.Open(mount.Source, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC)
            : MountNamespaces.Assemble(mount.Type, mount.Source, string.Join(',', mount.Options), mount.WorkingDirectory!, readOnly: false, []);
    }

    /// <summary>The tree of an image's layers with others on top.</summary>
    public static StepResult ResultOf(IReadOnlyList<Digest> layers) => new()
    {
        Identity = layers.Count == 0 ? EmptyIdentity : ChainIds.Of(layers)[^1],
        Reference = new BuildTree { Layers = layers }.Reference,
    };

    /// <summary>What a tree without files is known by.</summary>
    private static Digest EmptyIdentity { get; } = Digest.OfSha256(System.Security.Cryptography.SHA256.HashData([]));

    private static Fd OpenEmpty() => DetachedMounts.OpenReadOnly("tmpfs", "tmpfs", ["mode=755"], null);
}
