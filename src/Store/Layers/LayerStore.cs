using System.Security.Cryptography;
using Gantry.Archive;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Microsoft.Data.Sqlite;

namespace Gantry.Store;

/// <summary>
/// Unpacked layers, each in a directory of its own, shared by all images that have them.
/// </summary>
/// <remarks>
/// A layer's life: <see cref="UnpackAsync"/> while it downloads, in parallel with its siblings, into a directory that no
/// row knows; <see cref="Place"/> in the order of the stack, which commits the row. A layer is known by its diff id; only
/// when its archive leaves something to the layers below (directories it writes into without naming them, hard links to
/// their files) does what is on disk depend on them, and then the row carries their chain id too.
/// Rows are committed before the disk has the files; a sync follows in the background. After a power loss, layers that
/// were not synced are unpacked again from their blobs (<see cref="ContentStore"/>).
/// </remarks>
public sealed class LayerStore
{
    // gzip cannot do more than 1032 to 1; zstd can, but only for content that is no image.
    private const long MostExpansion = 1100;
    private const long AlwaysAllowedBytes = 64L << 20;

    private readonly Database _database;
    private readonly string _bootId;
    private readonly Lock _placing = new();
    private int _syncing;

    internal LayerStore(string root, Database database)
    {
        Root = root;
        _database = database;
        ClosedDirectory.Ensure(root);
        _bootId = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
    }

    /// <summary>The directory that holds the layers' directories.</summary>
    public string Root { get; }

    /// <summary>A layer as it is at its place in a stack; null when it is not unpacked.</summary>
    public LayerRecord? Find(Digest diffId, Digest chainId) =>
        _database.Read(t => t.Find(
            "SELECT diff_id, chain_id, directory, size, blob, has_root, archive_size, created, begun FROM layers WHERE diff_id = $1 AND (chain_id = '' OR chain_id = $2)",
            Read,
            diffId.ToString(),
            chainId.ToString()));

    /// <summary>A stack's layers, oldest first.</summary>
    /// <exception cref="GantryException">NotFound: one is not unpacked.</exception>
    public IReadOnlyList<LayerRecord> Stack(IReadOnlyList<Digest> diffIds)
    {
        var chain = ChainIds.Of(diffIds);
        return [.. diffIds.Select((diffId, i) => Find(diffId, chain[i]) ?? throw GantryException.Of(ErrorKind.NotFound, $"layer {diffId} is not in the store"))];
    }

    /// <summary>A layer's directory.</summary>
    public string PathOf(LayerRecord layer) => Path.Combine(Root, layer.Directory);

    /// <summary>Unpacks and verifies an archive on threads of its own.</summary>
    /// <param name="diffId">What the uncompressed archive must hash to; null: it is computed.</param>
    /// <param name="archive">Plain, gzip or zstd; read to its end and disposed, here.</param>
    /// <param name="progress">Is told how many bytes of the archive were read.</param>
    /// <exception cref="GantryException">Invalid: not the diff id, damaged, or an entry had to be refused; nothing stays behind.</exception>
    public Task<UnpackedLayer> UnpackAsync(Digest? diffId, Stream archive, Action<long>? progress, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() => Unpack(diffId, archive, null, progress, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Puts an unpacked layer on top of a stack, and commits it.</summary>
    /// <param name="below">The stack, oldest first.</param>
    /// <param name="blob">The archive it was unpacked from.</param>
    /// <param name="reopen">Opens the archive again; needed by few layers.</param>
    public LayerRecord Place(UnpackedLayer layer, IReadOnlyList<LayerRecord> below, Digest blob, Func<Stream> reopen, CancellationToken cancellationToken)
    {
        var chainId = ChainIds.Of([.. below.Select(l => l.DiffId), layer.DiffId])[^1];
        lock (_placing)
        {
            // Another image's pull may have been faster.
            if (Find(layer.DiffId, chainId) is { } there)
                return there;
            if (layer.Claim())
                return PlaceFresh(layer, below, chainId, blob, reopen, cancellationToken);
            // It went into another stack, and depends on that one.
            using var another = Unpack(layer.DiffId, reopen(), null, null, cancellationToken);
            return PlaceFresh(another, below, chainId, blob, reopen, cancellationToken);
        }
    }

    /// <summary>Takes a directory as a layer, where it lies: what a snapshot on the same stack changed, as overlayfs wrote it.</summary>
    /// <param name="directory">Below the same filesystem; it is moved, or left where the layer is known already.</param>
    /// <param name="chain">The stack's diff ids with the layer's own on top.</param>
    /// <param name="sizeBytes">Bytes of all files.</param>
    /// <param name="created">When it was made.</param>
    /// <param name="begun">When its making began (<see cref="LayerRecord.Begun"/>).</param>
    /// <param name="archiveBytes">What the layer's archive would take; it is written when somebody needs it (<see cref="WriteArchive"/>).</param>
    internal LayerRecord Adopt(string directory, Digest diffId, IReadOnlyList<Digest> chain, long sizeBytes, long archiveBytes, DateTimeOffset created, DateTimeOffset? begun)
    {
        lock (_placing)
        {
            if (Find(diffId, ChainIds.Of(chain)[^1]) is { } there)
                return there;
            var path = NewDirectory();
            var moved = Inodes.Rename(null, [.. System.Text.Encoding.UTF8.GetBytes(directory), 0], null, [.. System.Text.Encoding.UTF8.GetBytes(path), 0]);
            if (moved < 0)
            {
                Trees.Remove(path);
                throw Failed(new SyscallException("rename", -moved, directory));
            }

            return Commit(Path.GetFileName(path), diffId, null, diffId, sizeBytes, hasRoot: false, archiveBytes, created, begun);
        }
    }

    /// <summary>Writes a layer's archive from its directory: the bytes that its diff id was made of, where <see cref="LayerRecord.ArchiveBytes"/> is known.</summary>
    /// <param name="below">The stack that it lies on, oldest first.</param>
    /// <exception cref="SyscallException">A file cannot be read.</exception>
    public void WriteArchive(LayerRecord layer, IReadOnlyList<LayerRecord> below, Stream output, CancellationToken cancellationToken)
    {
        using var lower = new LowerChain(below.Reverse().Select(PathOf));
        using var directory = OpenDirectory(PathOf(layer));
        var writer = new TarWriter(output);
        new LayerArchive(writer, lower, cancellationToken).Add(directory);
        writer.Finish();
    }

    /// <summary>Notes of a layer that came as an archive what its maker tells of it.</summary>
    public LayerRecord Describe(LayerRecord layer, DateTimeOffset? created, DateTimeOffset? begun)
    {
        if (layer.ArchiveBytes is not null)
            return layer;
        _database.Write(t => t.Execute("UPDATE layers SET created = $2, begun = $3 WHERE directory = $1", layer.Directory, created?.ToUnixTimeMilliseconds(), begun?.ToUnixTimeMilliseconds()));
        return layer with { Created = created, Begun = begun };
    }

    /// <summary>Makes a layer of the same files with other times, beside the first.</summary>
    /// <param name="below">The stack that it lies on, oldest first.</param>
    /// <param name="belowAfter">The stack that the new one lies on: <paramref name="below"/>, each with its times set.</param>
    /// <param name="own">Which time each file gets that the layer's maker wrote, and others at most.</param>
    /// <param name="since">From when on a file counts as the maker's.</param>
    /// <param name="lease">Gets to hold the new layer.</param>
    /// <exception cref="SyscallException">A file cannot be read.</exception>
    public LayerRecord SetTimes(LayerRecord layer, IReadOnlyList<LayerRecord> below, IReadOnlyList<LayerRecord> belowAfter, DateTimeOffset own, DateTimeOffset since, Lease lease, CancellationToken cancellationToken)
    {
        using var lower = new LowerChain(below.Reverse().Select(PathOf));
        using var lowerAfter = new LowerChain(belowAfter.Reverse().Select(PathOf));
        using var directory = OpenDirectory(PathOf(layer));
        var times = new LayerTimes(own, since, lower, lowerAfter);
        long Write(Stream output)
        {
            var writer = new TarWriter(output);
            var archive = new LayerArchive(writer, lower, cancellationToken) { Times = times };
            archive.Add(directory);
            writer.Finish();
            return archive.ContentBytes;
        }

        // Hashed first: mostly it is there already, or nothing changes.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var counted = new HashedOutput(hash);
        Write(counted);
        var diffId = Digest.OfSha256(hash.GetHashAndReset());
        lease.Hold(diffId);
        var chainId = ChainIds.Of([.. belowAfter.Select(l => l.DiffId), diffId])[^1];
        if (Find(diffId, chainId) is { } there)
            return there;
        using var unpacked = ArchivePipe.Unpack(Write, archive => Unpack(diffId, archive, null, null, cancellationToken));
        lock (_placing)
        {
            if (Find(diffId, chainId) is { } other)
                return other;
            var record = Commit(unpacked.Directory, diffId, null, diffId, unpacked.SizeBytes, hasRoot: false, counted.Written, own, null);
            unpacked.Keep();
            return record;
        }
    }

    private LayerRecord PlaceFresh(UnpackedLayer layer, IReadOnlyList<LayerRecord> below, Digest chainId, Digest blob, Func<Stream> reopen, CancellationToken cancellationToken)
    {
        if (!layer.NeedsLower && layer.Implied.Count == 0)
            return Commit(layer, null, blob);
        using var lower = new LowerChain(below.Reverse().Select(PathOf));
        if (!layer.NeedsLower && TryComplete(layer, lower))
            return Commit(layer, chainId, blob);
        using var complete = Unpack(layer.DiffId, reopen(), lower, null, cancellationToken);
        return Commit(complete, chainId, blob);
    }

    internal static void Forget(Transaction transaction, string directory) => transaction.Execute("DELETE FROM layers WHERE directory = $1", directory);

    /// <summary>Forgets layers whose files may be incomplete: not synced before the machine went down, or gone.</summary>
    internal void ForgetLost()
    {
        var lost = _database.Read(t => t.Query("SELECT directory, synced, boot_id FROM layers", row => (Directory: row.GetString(0), Synced: row.GetBool(1), Boot: row.GetString(2))))
            .Where(l => (!l.Synced && l.Boot != _bootId) || !Directory.Exists(Path.Combine(Root, l.Directory))).ToList();
        if (lost.Count == 0)
            return;
        _database.Write(t => lost.ForEach(l => Forget(t, l.Directory)));
    }

    /// <summary>A new empty directory for a layer.</summary>
    internal string NewDirectory()
    {
        while (true)
        {
            // 8 letters: 32 layers' names are far from a page, and collisions are only a retry.
            var path = Path.Combine(Root, RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", 8));
            var made = Inodes.MakeDirectory(null, [.. System.Text.Encoding.UTF8.GetBytes(path), 0], 0x1ED);
            if (made == 0)
                return path;
            if (made != -Errno.EEXIST)
                throw Failed(new SyscallException("mkdir", -made, path));
        }
    }

    internal static Fd OpenDirectory(string path)
    {
        var failed = Inodes.Open(null, [.. System.Text.Encoding.UTF8.GetBytes(path), 0], Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory);
        return failed < 0 ? throw new SyscallException("open", -failed, path) : directory;
    }

    /// <summary>Syncs, in the background, what was committed; one sync serves all that wait for one.</summary>
    internal void SyncLater()
    {
        if (Interlocked.Increment(ref _syncing) == 1)
            ThreadPool.UnsafeQueueUserWorkItem(static store => store.Sync(), this, preferLocal: false);
    }

    private static LayerRecord Read(Row row) => new()
    {
        DiffId = Digest.Parse(row.GetString(0)),
        ChainId = row.GetString(1) is { Length: > 0 } chain ? Digest.Parse(chain) : null,
        Directory = row.GetString(2),
        SizeBytes = row.GetLong(3),
        Blob = Digest.Parse(row.GetString(4)),
        HasRoot = row.GetBool(5),
        ArchiveBytes = row.FindLong(6),
        Created = row.FindLong(7) is { } created ? DateTimeOffset.FromUnixTimeMilliseconds(created) : null,
        Begun = row.FindLong(8) is { } begun ? DateTimeOffset.FromUnixTimeMilliseconds(begun) : null,
    };

    private static GantryException Failed(SyscallException e) => e.Number is Errno.ENOSPC or Errno.EDQUOT
        ? GantryException.Of(ErrorKind.Exhausted, $"no space left on device for {e.Subject}: free some, for example with \"docker image prune\"", cause: e)
        : GantryException.Of(ErrorKind.Internal, e.Message, cause: e);

    // Gives directories that the archive did not name the mode and owner they have below; false when one is a link there.
    private static bool TryComplete(UnpackedLayer layer, LowerChain lower)
    {
        using var root = OpenDirectory(layer.FullPath);
        foreach (var path in layer.Implied)
        {
            if (lower.Find(path) is not { } below)
                continue;
            if (below.Status.IsSymlink)
                return false;
            if (!below.Status.IsDirectory)
                continue;
            var parent = RawPath.Parent(path);
            var failed = Inodes.OpenResolved(root, RawPath.Bytes(parent.Length == 0 ? "." : parent), Inodes.PathOnly | Inodes.Directory, 0, Inodes.Beneath | Inodes.NoSymlinks, out var directory);
            using (directory)
            {
                // The archive replaced the parent later on.
                if (failed < 0)
                    continue;
                var name = RawPath.Bytes(RawPath.Name(path));
                if (Inodes.Status(directory, name, out var status) == 0 && status.IsDirectory)
                    below.CopyMetadataTo(directory, name);
            }
        }

        return true;
    }

    private LayerRecord Commit(UnpackedLayer layer, Digest? chainId, Digest blob)
    {
        var record = Commit(layer.Directory, layer.DiffId, chainId, blob, layer.SizeBytes, layer.HasRoot, null, null, null);
        layer.Keep();
        return record;
    }

    private LayerRecord Commit(string directory, Digest diffId, Digest? chainId, Digest blob, long sizeBytes, bool hasRoot, long? archiveBytes, DateTimeOffset? created, DateTimeOffset? begun)
    {
        _database.Write(t => t.Execute(
            "INSERT INTO layers (diff_id, chain_id, directory, size, blob, has_root, synced, boot_id, archive_size, created, begun) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10)",
            diffId.ToString(),
            chainId?.ToString() ?? "",
            directory,
            sizeBytes,
            blob.ToString(),
            hasRoot,
            _bootId,
            archiveBytes,
            created?.ToUnixTimeMilliseconds(),
            begun?.ToUnixTimeMilliseconds()));
        SyncLater();
        return new() { DiffId = diffId, ChainId = chainId, Directory = directory, SizeBytes = sizeBytes, Blob = blob, HasRoot = hasRoot, ArchiveBytes = archiveBytes, Created = created, Begun = begun };
    }

    internal UnpackedLayer Unpack(Digest? diffId, Stream archive, LowerChain? lower, Action<long>? progress, CancellationToken cancellationToken)
    {
        using var counted = new CountingStream(archive, progress);
        using var hash = IncrementalHash.CreateHash(diffId?.Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);
        var path = NewDirectory();
        var kept = false;
        try
        {
            using var plain = Decompression.Open(counted);
            using var ahead = new ReadAheadStream(plain, total => total <= AlwaysAllowedBytes + (counted.Count * MostExpansion));
            using var reader = new TarReader(new HashingStream(ahead, hash));
            using var root = OpenDirectory(path);
            using var writer = new LayerWriter(root, path, lower);
            var needsLower = false;
            try
            {
                writer.Write(reader, cancellationToken);
            }
            catch (NeedsLowerException) when (lower is null)
            {
                needsLower = true;
            }

            reader.Drain();
            var actual = Digest.Parse((diffId?.Algorithm ?? "sha256") + ":" + Convert.ToHexStringLower(hash.GetHashAndReset()));
            if (diffId is not null && actual != diffId)
                throw GantryException.Of(ErrorKind.Invalid, $"a layer does not match its diff id: expected {diffId}, got {actual}; it was changed or damaged on its way");
            kept = true;
            return new(path) { DiffId = actual, SizeBytes = writer.SizeBytes, HasRoot = writer.HasRoot, Implied = [.. writer.Implied], NeedsLower = needsLower };
        }
        catch (SyscallException e)
        {
            throw Failed(e);
        }
        catch (Exception e) when (e is InvalidDataException or ZstdSharp.ZstdException or EndOfStreamException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"a layer's compressed content is damaged: {e.Message}", cause: e);
        }
        catch (IOException e) when (e.InnerException is GantryException cause)
        {
            throw GantryException.Of(cause.Kind, cause.Message, cause: cause);
        }
        catch (IOException e) when (e.InnerException is OperationCanceledException)
        {
            throw new OperationCanceledException("the download was given up", e);
        }
        finally
        {
            if (!kept)
                Trees.Remove(path);
        }
    }

    private void Sync()
    {
        try
        {
            int served;
            do
            {
                served = Volatile.Read(ref _syncing);
                var newest = _database.Read(t => t.Find("SELECT max(rowid) FROM layers", row => row.FindLong(0))) ?? 0;
                using var root = OpenDirectory(Root);
                if (Inodes.SyncFileSystem(root) == 0)
                    _database.Write(t => t.Execute("UPDATE layers SET synced = 1 WHERE synced = 0 AND rowid <= $1", newest));
            }
            while (Interlocked.Add(ref _syncing, -served) > 0);
        }
        catch (Exception e) when (e is ObjectDisposedException or SyscallException or SqliteException or GantryException { Kind: ErrorKind.Exhausted })
        {
            // The engine is closing, or the disk fails: what is not marked is unpacked again if the machine goes down.
            Interlocked.Exchange(ref _syncing, 0);
        }
    }
}
