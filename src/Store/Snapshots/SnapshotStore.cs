using Gantry.Model;

namespace Gantry.Store;

/// <summary>Root filesystems of containers, by key.</summary>
public sealed class SnapshotStore
{
    /// <summary>Makes a writable root on an image's layers; cheap: no data is copied and nothing is mounted.</summary>
    /// <param name="key">Whose it is: a container's id, a valid file name.</param>
    /// <param name="diffIds">The layers, oldest first; empty gives an empty root.</param>
    /// <exception cref="GantryException">NotFound: a layer is not there. AlreadyExists: the key is taken. Exhausted: no space left.</exception>
    public Snapshot Prepare(string key, IReadOnlyList<Digest> diffIds) => throw new NotSupportedException();

    /// <summary>The snapshot of a key, with the mounts to be made again; null when there is none.</summary>
    public Snapshot? Find(string key) => throw new NotSupportedException();

    /// <summary>Removes a snapshot that is mounted nowhere; true when it was there.</summary>
    public bool Remove(string key) => throw new NotSupportedException();

    /// <summary>All keys, in no order: for finding those that belong to nobody.</summary>
    public IReadOnlyList<string> Keys() => throw new NotSupportedException();

    /// <summary>What the writable layer holds, in bytes of file content (<c>SizeRw</c>).</summary>
    public long SizeOf(string key) => throw new NotSupportedException();
}
