namespace Gantry.Store;

/// <summary>All that is kept of images below a data root: blobs, layers, snapshots, names.</summary>
public sealed class ContentStore
{
    /// <summary>The tables of this room.</summary>
    public static IReadOnlyList<Migration> Migrations => [];

    public required SnapshotStore Snapshots { get; init; }

    /// <summary>Opens or makes the store, and frees what an earlier process left half done.</summary>
    /// <param name="dataRoot">The data root; made when missing.</param>
    /// <param name="database">Opened with <see cref="Migrations"/>.</param>
    public static ContentStore Open(string dataRoot, Database database) => throw new NotSupportedException();
}
