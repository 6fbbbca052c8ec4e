using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Mounts;

namespace Gantry.Store;

/// <summary>Root filesystems of containers, by key: overlays of an image's layers and a directory of the container's own.</summary>
/// <remarks>On disk: <c>snapshots/KEY/upper</c> and <c>work</c>; names beginning with a dot are on their way out.</remarks>
public sealed class SnapshotStore
{
    private const uint Rwxr_xr_x = 0x1ED;

    private readonly string _root;
    private readonly LayerStore _layers;
    private readonly LeaseStore _leases;
    private readonly Database _database;
    private readonly ConcurrentDictionary<Digest, SnapshotStack> _stacks = new();
    private readonly SnapshotSizes _sizes;
    private readonly Lock _making = new();
    private int _removals;

    internal SnapshotStore(string root, LayerStore layers, LeaseStore leases, Database database)
    {
        _root = root;
        _layers = layers;
        _leases = leases;
        _database = database;
        ClosedDirectory.Ensure(root);
        _sizes = new(root);
    }

    /// <summary>Whether the file system can limit how large a writable layer grows.</summary>
    public bool LimitsSizes => _sizes.AreKept;

    /// <summary>Makes a writable root on an image's layers; cheap: no data is copied and nothing is mounted.</summary>
    /// <param name="key">Whose it is: a container's id, a valid file name.</param>
    /// <param name="diffIds">The layers, oldest first; empty gives an empty root.</param>
    /// <param name="ephemeral">
    /// The writable layer need not survive a power loss (a container run with <c>--rm</c>). Unmounting an overlay otherwise
    /// syncs the whole filesystem below it, whoever wrote to it.
    /// </param>
    /// <exception cref="GantryException">NotFound: a layer is not there. AlreadyExists: the key is taken. Exhausted: no space left.</exception>
    /// <param name="mountPoints">Whether mount points lie below it that do not belong to it, as a container needs.</param>
    /// <param name="sizeBytes">How much the writable layer may hold; null: no limit. Needs <see cref="LimitsSizes"/>.</param>
    public Snapshot Prepare(string key, IReadOnlyList<Digest> diffIds, bool ephemeral = false, bool mountPoints = true, long? sizeBytes = null)
    {
        if (key.Length is 0 or > 200 || key[0] == '.' || key.AsSpan().ContainsAny('/', ',', ':') || key.AsSpan().ContainsAny('\\', '\0'))
            throw GantryException.Of(ErrorKind.Invalid, $"\"{key}\" cannot be a snapshot's key");
        SnapshotStack stack;
        string lower;
        var path = Path.Combine(_root, key);
        try
        {
            // Once the row is there the collector leaves the layers alone.
            lock (_leases.Gate)
            {
                stack = StackOf(diffIds, mountPoints);
                lower = mountPoints ? stack.WithMountPoints! : stack.Layers;
                if (_database.Write(t => t.Execute("INSERT INTO snapshots (key, lower, ephemeral) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", key, lower, ephemeral)) == 0)
                    throw GantryException.Of(ErrorKind.AlreadyExists, $"snapshot {key} exists already");
            }

            MakeDirectories(path, stack, sizeBytes);
        }
        catch (SyscallException e)
        {
            Trees.Remove(path);
            _database.Write(t => t.Execute("DELETE FROM snapshots WHERE key = $1", key));
            throw GantryException.Of(e.Number is Errno.ENOSPC or Errno.EDQUOT ? ErrorKind.Exhausted : ErrorKind.Internal, $"cannot make a root filesystem for {key}: {e.Message}", cause: e);
        }

        return Make(key, lower, ephemeral);
    }

    /// <summary>The snapshot of a key, with the mounts to be made again; null when there is none. It must not be mounted.</summary>
    public Snapshot? Find(string key)
    {
        var found = _database.Read(t => t.Find("SELECT lower, ephemeral FROM snapshots WHERE key = $1", row => (Lower: row.GetString(0), Ephemeral: row.GetBool(1)), key));
        if (found.Lower is null)
            return null;
        // Overlayfs marks a layer that was mounted volatile as used up (copying into a container does that, too). Here the
        // machine has not gone down since, so it is whole; else it is as any file system that was not synced.
        Trees.Remove(Path.Combine(_root, key, "work", "work", "incompat"));
        return Make(key, found.Lower, found.Ephemeral);
    }

    /// <summary>Removes a snapshot that is mounted nowhere; its files go in the background. True when it was there.</summary>
    public bool Remove(string key)
    {
        if (key.Length == 0 || key[0] == '.')
            return false;
        var path = Path.Combine(_root, key);
        bool known;
        try
        {
            known = Strike(key);
        }
        catch (GantryException full) when (full.Kind == ErrorKind.Exhausted)
        {
            // Its files may be what fills the disk: without them there is room to say that it is gone.
            var freed = _sizes.ProjectOf(path);
            Trees.TryRemove(path);
            _sizes.Forget(freed);
            known = Strike(key);
        }

        if (!known)
            return false;
        var doomed = Path.Combine(_root, "." + Path.GetRandomFileName());
        var project = _sizes.ProjectOf(path);
        if (Inodes.Rename(null, Raw(path), null, Raw(doomed)) == 0)
        {
            Interlocked.Increment(ref _removals);
            ThreadPool.UnsafeQueueUserWorkItem(
                static work =>
                {
                    try
                    {
                        Trees.Remove(work.doomed);
                        work.Item1._sizes.Forget(work.project);
                    }
                    catch (SyscallException)
                    {
                        // Still busy somewhere: the next start takes what begins with a dot.
                    }
                    finally
                    {
                        Interlocked.Decrement(ref work.Item1._removals);
                    }
                },
                (this, doomed, project),
                preferLocal: false);
        }

        return true;
    }

    private bool Strike(string key) => _database.Write(t => t.Execute("DELETE FROM snapshots WHERE key = $1", key)) > 0;

    /// <summary>
    /// Removes the mount points that were made for a stack of layers, if nothing uses them and it is no image's: the stacks of a build's
    /// steps are many, and most never come again.
    /// </summary>
    /// <param name="diffIds">The layers, oldest first.</param>
    public void RemoveMountPoints(IReadOnlyList<Digest> diffIds)
    {
        if (diffIds.Count == 0)
            return;
        var chainId = ChainIds.Of(diffIds)[^1];
        string? doomed;
        // As in Prepare: nobody begins to rely on them meanwhile.
        lock (_leases.Gate)
        {
            doomed = _database.Write(t => t.Find(
                """
                DELETE FROM init_layers WHERE chain_id = $1
                    AND NOT EXISTS (SELECT 1 FROM image_layers i WHERE i.chain_id = init_layers.chain_id)
                    AND NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.lower GLOB init_layers.directory || ':*')
                RETURNING directory
                """,
                row => row.GetString(0),
                chainId.ToString()));
            if (doomed is not null)
                Forget(chainId);
        }

        if (doomed is not null)
            Trees.TryRemove(Path.Combine(_layers.Root, doomed));
    }

    /// <summary>All keys, in no order: for finding those that belong to nobody.</summary>
    public IReadOnlyList<string> Keys() => _database.Read(t => t.Query("SELECT key FROM snapshots", row => row.GetString(0)));

    /// <summary>What the writable layer holds, in bytes of file content (<c>SizeRw</c>); walks all of it.</summary>
    public long SizeOf(string key) => Trees.SizeOf(Path.Combine(_root, key, "upper"));

    /// <summary>What the writable layer changed in the layers below, in the order of the paths; walks all of it.</summary>
    /// <exception cref="GantryException">NotFound: there is no such snapshot.</exception>
    public IReadOnlyList<TreeChange> Changes(string key)
    {
        using var lower = OpenLower(key);
        using var upper = LayerStore.OpenDirectory(Path.Combine(_root, key, "upper"));
        return new SnapshotChanges(lower).Of(upper);
    }

    /// <summary>Writes the writable layer as the archive of an image's layer.</summary>
    /// <exception cref="GantryException">NotFound: there is no such snapshot.</exception>
    /// <exception cref="SyscallException">A file cannot be read.</exception>
    public void WriteLayer(string key, TarWriter archive, CancellationToken cancellationToken)
    {
        using var lower = OpenLower(key);
        using var upper = LayerStore.OpenDirectory(Path.Combine(_root, key, "upper"));
        new LayerArchive(archive, lower, cancellationToken).Add(upper);
        archive.Finish();
    }

    /// <summary>
    /// Makes a layer of what a snapshot changed, without copying it: the writable directory becomes the layer's. The snapshot
    /// must not be mounted; it is gone afterwards.
    /// </summary>
    /// <param name="diffIds">The layers that it was made on.</param>
    /// <param name="lease">Gets to hold the layer.</param>
    /// <param name="created">What the layer tells of when it was made.</param>
    /// <param name="begun">When its making began (<see cref="LayerRecord.Begun"/>).</param>
    /// <exception cref="GantryException">NotFound: there is no such snapshot.</exception>
    /// <exception cref="SyscallException">A file cannot be read.</exception>
    public LayerRecord Commit(string key, IReadOnlyList<Digest> diffIds, Lease lease, DateTimeOffset created, DateTimeOffset? begun, CancellationToken cancellationToken)
    {
        var upper = Path.Combine(_root, key, "upper");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var counted = new HashedOutput(hash);
        long size;
        using (var lower = OpenLower(key))
        using (var directory = LayerStore.OpenDirectory(upper))
        {
            var writer = new TarWriter(counted);
            var archive = new LayerArchive(writer, lower, cancellationToken);
            archive.Add(directory);
            writer.Finish();
            counted.Finish();
            size = archive.ContentBytes;
        }

        var diffId = Digest.OfSha256(hash.GetHashAndReset());
        lease.Hold(diffId);
        var layer = _layers.Adopt(upper, diffId, [.. diffIds, diffId], size, counted.Written, created, begun);
        Remove(key);
        return layer;
    }

    /// <summary>Waits until removed snapshots are gone from the disk.</summary>
    public void Drain() => SpinWait.SpinUntil(() => Volatile.Read(ref _removals) == 0, TimeSpan.FromSeconds(30));

    /// <summary>Drops directories that no row knows, and rows whose directory is gone.</summary>
    internal void Reconcile()
    {
        var keys = Keys().ToHashSet();
        foreach (var path in Directory.EnumerateDirectories(_root))
        {
            if (!keys.Remove(Path.GetFileName(path)))
                Trees.TryRemove(path);
        }

        if (keys.Count > 0)
        {
            _database.Write(t =>
            {
                foreach (var key in keys)
                    t.Execute("DELETE FROM snapshots WHERE key = $1", key);
            });
        }
    }

    internal void Forget(Digest chainId) => _stacks.TryRemove(chainId, out _);

    private static byte[] Raw(string path) => [.. Encoding.UTF8.GetBytes(path), 0];

    private void MakeDirectories(string path, SnapshotStack stack, long? sizeBytes)
    {
        // A directory without a row is what a crash left.
        var made = Inodes.MakeDirectory(null, Raw(path), 0x1C0);
        if (made == -Errno.EEXIST)
        {
            Trees.Remove(path);
            made = Inodes.MakeDirectory(null, Raw(path), 0x1C0);
        }

        Require(made, path);
        using var directory = LayerStore.OpenDirectory(path);
        if (sizeBytes is { } limit)
            _sizes.Limit(directory, limit);
        Require(Inodes.MakeDirectory(directory, "upper\0"u8, stack.RootMode), path);
        Require(Inodes.MakeDirectory(directory, "work\0"u8, 0x1C0), path);
        // The upper directory is the container's "/": its mode and owner are those of the image's.
        Require(Inodes.ChangeMode(directory, "upper\0"u8, stack.RootMode), path);
        if (stack.RootUid != 0 || stack.RootGid != 0)
            Require(Inodes.ChangeOwner(directory, "upper\0"u8, stack.RootUid, stack.RootGid), path);
    }

    private static void Require(int result, string path)
    {
        if (result < 0)
            throw new SyscallException("mkdir", -result, path);
    }

    private Snapshot Make(string key, string lower, bool ephemeral)
    {
        // Nothing below it: the directory alone is the root.
        if (lower.Length == 0)
            return new() { Key = key, UpperPath = Path.Combine(_root, key, "upper"), RootfsMounts = [new RootfsMount { Type = "bind", Source = Path.Combine(_root, key, "upper"), Options = ["bind"] }] };
        List<string> options = [$"lowerdir={lower}", $"upperdir=../snapshots/{key}/upper", $"workdir=../snapshots/{key}/work", "index=off", "redirect_dir=off", "metacopy=off"];
        if (ephemeral)
            options.Add("volatile");
        return new()
        {
            Key = key,
            UpperPath = Path.Combine(_root, key, "upper"),
            RootfsMounts = [new RootfsMount { Type = "overlay", Source = "overlay", Options = options, WorkingDirectory = _layers.Root, MappedRoot = Path.GetDirectoryName(_root) }],
        };
    }

    private LowerChain OpenLower(string key)
    {
        var lower = _database.Read(t => t.Find("SELECT lower FROM snapshots WHERE key = $1", row => row.GetString(0), key))
            ?? throw GantryException.Of(ErrorKind.NotFound, $"there is no snapshot {key}");
        return new(lower.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(name => Path.Combine(_layers.Root, name)));
    }

    private SnapshotStack StackOf(IReadOnlyList<Digest> diffIds, bool mountPoints)
    {
        var chainId = diffIds.Count == 0 ? EmptyChain : ChainIds.Of(diffIds)[^1];
        if (_stacks.TryGetValue(chainId, out var known))
            return known;
        lock (_making)
        {
            if (_stacks.TryGetValue(chainId, out known))
                return known;
            var layers = _layers.Stack(diffIds);
            var init = mountPoints ? InitOf(chainId, layers) : null;
            var (mode, uid, gid) = RootOf(layers);
            // Overlayfs refuses a directory twice; of a layer that occurs twice (an empty one, mostly) the upper hides the lower.
            IReadOnlyList<string> directories = [.. layers.Reverse().Select(l => l.Directory).Distinct()];
            known = new(string.Join(':', directories), init is null ? null : string.Join(':', directories.Prepend(init)), mode, uid, gid);
            // Only with the init layer, whose removal comes before that of any layer, and takes the stack from here.
            if (init is not null)
                _stacks[chainId] = known;
            return known;
        }
    }

    private string InitOf(Digest chainId, IReadOnlyList<LayerRecord> layers)
    {
        var row = _database.Read(t => t.Find("SELECT directory FROM init_layers WHERE chain_id = $1", r => r.GetString(0), chainId.ToString()));
        return row is not null && Directory.Exists(Path.Combine(_layers.Root, row)) ? row : MakeInit(chainId, layers);
    }

    // No layer: the digest of nothing stands for the empty stack.
    internal static Digest EmptyChain { get; } = Digest.OfSha256(System.Security.Cryptography.SHA256.HashData([]));

    private string MakeInit(Digest chainId, IReadOnlyList<LayerRecord> layers)
    {
        var path = _layers.NewDirectory();
        try
        {
            using (var lower = new LowerChain(layers.Reverse().Select(_layers.PathOf)))
                InitLayer.Write(path, lower);
            var name = Path.GetFileName(path);
            _database.Write(t => t.Execute("INSERT INTO init_layers (chain_id, directory) VALUES ($1, $2) ON CONFLICT (chain_id) DO UPDATE SET directory = excluded.directory", chainId.ToString(), name));
            return name;
        }
        catch
        {
            Trees.Remove(path);
            throw;
        }
    }

    // The topmost layer that says something of the root directory decides.
    private (uint Mode, uint Uid, uint Gid) RootOf(IReadOnlyList<LayerRecord> layers)
    {
        if (layers.LastOrDefault(l => l.HasRoot) is not { } layer)
            return (Rwxr_xr_x, 0, 0);
        var failed = Inodes.Status(null, Raw(_layers.PathOf(layer)), out var status);
        return failed < 0 ? throw new SyscallException("statx", -failed, layer.Directory) : (status.Permissions, status.Uid, status.Gid);
    }
}
