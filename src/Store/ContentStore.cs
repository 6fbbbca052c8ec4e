using Gantry.Archive;
using Gantry.Model.Images;

namespace Gantry.Store;

/// <summary>All that is kept of images below a data root: blobs, layers, snapshots, names.</summary>
/// <remarks>On disk: <c>content/</c> (an OCI image layout), <c>layers/</c>, <c>snapshots/</c>; the tables are in the engine's database.</remarks>
public sealed class ContentStore : IDisposable
{
    private ContentStore(string dataRoot, Database database)
    {
        Leases = new();
        Blobs = BlobStore.Open(Path.Combine(dataRoot, "content"), Leases);
        Layers = new(Path.Combine(dataRoot, "layers"), database);
        Snapshots = new(Path.Combine(dataRoot, "snapshots"), Layers, Leases, database);
        Images = new(database, Blobs);
        Kept = new(database);
        Collector = new(database, Blobs, Layers, Snapshots, Leases);
    }

    /// <summary>The tables of this room.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("store", 1, """
            CREATE TABLE images (
                id TEXT PRIMARY KEY, manifest TEXT NOT NULL, manifest_type TEXT NOT NULL, manifest_size INTEGER NOT NULL,
                size INTEGER NOT NULL, created INTEGER NOT NULL, last_tagged TEXT);
            CREATE TABLE names (
                repository TEXT NOT NULL, tag TEXT NOT NULL, image TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
                PRIMARY KEY (repository, tag)) WITHOUT ROWID;
            CREATE INDEX names_of_image ON names (image);
            CREATE TABLE digests (
                repository TEXT NOT NULL, digest TEXT NOT NULL, image TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
                PRIMARY KEY (repository, digest)) WITHOUT ROWID;
            CREATE INDEX digests_of_image ON digests (image);
            CREATE TABLE image_layers (
                image TEXT NOT NULL REFERENCES images ON DELETE CASCADE, position INTEGER NOT NULL, diff_id TEXT NOT NULL, chain_id TEXT NOT NULL,
                PRIMARY KEY (image, position)) WITHOUT ROWID;
            CREATE INDEX images_of_layer ON image_layers (diff_id, chain_id);
            CREATE INDEX images_of_chain ON image_layers (chain_id);
            CREATE TABLE image_blobs (
                image TEXT NOT NULL REFERENCES images ON DELETE CASCADE, blob TEXT NOT NULL,
                PRIMARY KEY (image, blob)) WITHOUT ROWID;
            CREATE TABLE layers (
                diff_id TEXT NOT NULL, chain_id TEXT NOT NULL, directory TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, blob TEXT NOT NULL,
                has_root INTEGER NOT NULL, synced INTEGER NOT NULL, boot_id TEXT NOT NULL,
                PRIMARY KEY (diff_id, chain_id));
            CREATE TABLE init_layers (chain_id TEXT PRIMARY KEY, directory TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE snapshots (key TEXT PRIMARY KEY, lower TEXT NOT NULL, ephemeral INTEGER NOT NULL) WITHOUT ROWID;
            """),
        new("store", 2, "ALTER TABLE images ADD COLUMN parent TEXT"),
        new("store", 3, """
            CREATE TABLE kept_layers (owner TEXT NOT NULL, diff_id TEXT NOT NULL, chain_id TEXT NOT NULL, PRIMARY KEY (owner, diff_id, chain_id)) WITHOUT ROWID;
            ALTER TABLE layers ADD COLUMN archive_size INTEGER;
            ALTER TABLE layers ADD COLUMN created INTEGER;
            CREATE INDEX kept_by_layer ON kept_layers (diff_id, chain_id);
            """),
        new("store", 4, "ALTER TABLE layers ADD COLUMN begun INTEGER"),
    ];

    public LeaseStore Leases { get; }

    public BlobStore Blobs { get; }

    public LayerStore Layers { get; }

    public SnapshotStore Snapshots { get; }

    public ImageStore Images { get; }

    public KeptLayers Kept { get; }

    public Collector Collector { get; }

    /// <summary>Opens or makes the store, frees what an earlier process left half done, and repairs what a power loss took.</summary>
    /// <param name="dataRoot">The data root; made when missing.</param>
    /// <param name="database">Opened with <see cref="Migrations"/>.</param>
    public static ContentStore Open(string dataRoot, Database database)
    {
        var store = new ContentStore(dataRoot, database);
        store.Layers.ForgetLost();
        store.Snapshots.Reconcile();
        store.DropUnknownDirectories(database);
        store.Repair();
        store.Collector.Collect();
        store.Images.WriteIndex();
        return store;
    }

    /// <summary>Waits for what goes on in the background.</summary>
    public void Dispose() => Snapshots.Drain();

    private void DropUnknownDirectories(Database database)
    {
        var known = database.Read(t => t.Query("SELECT directory FROM layers UNION SELECT directory FROM init_layers", row => row.GetString(0))).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateDirectories(Layers.Root).Where(p => !known.Contains(Path.GetFileName(p))))
            Trees.TryRemove(path);
    }

    // Layers that images need but that are not there are unpacked from their blobs again.
    private void Repair()
    {
        foreach (var image in Images.All())
        {
            var layers = Images.Layers(image.Id);
            if (layers.All(l => Layers.Find(l.DiffId, l.ChainId) is not null) || !Blobs.Contains(image.Manifest.Digest))
                continue;
            var manifest = ImageDocuments.ReadManifest(Blobs.Read(image.Manifest.Digest, ImageDocuments.LargestManifest));
            var below = new List<LayerRecord>();
            for (var i = 0; i < layers.Count && i < manifest.Layers.Count; i++)
            {
                var blob = manifest.Layers[i].Digest;
                var there = Layers.Find(layers[i].DiffId, layers[i].ChainId);
                if (there is null)
                {
                    if (!Blobs.Contains(blob))
                        break;
                    using var unpacked = Layers.Unpack(layers[i].DiffId, Blobs.Open(blob), null, null, CancellationToken.None);
                    there = Layers.Place(unpacked, below, blob, () => Blobs.Open(blob), CancellationToken.None);
                }

                below.Add(there);
            }
        }
    }
}
