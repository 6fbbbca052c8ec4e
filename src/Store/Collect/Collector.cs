using Gantry.Archive;
using Gantry.Model;

namespace Gantry.Store;

/// <summary>Frees what no image, snapshot or lease refers to: blobs, layers, init layers.</summary>
public sealed class Collector
{
    private readonly Database _database;
    private readonly BlobStore _blobs;
    private readonly LayerStore _layers;
    private readonly SnapshotStore _snapshots;
    private readonly LeaseStore _leases;
    private readonly Lock _collecting = new();

    internal Collector(Database database, BlobStore blobs, LayerStore layers, SnapshotStore snapshots, LeaseStore leases)
    {
        _database = database;
        _blobs = blobs;
        _layers = layers;
        _snapshots = snapshots;
        _leases = leases;
    }

    /// <summary>Collects. Safe at any time; what operations under way hold stays.</summary>
    public void Collect()
    {
        lock (_collecting)
        {
            List<string> doomed;
            // While the gate is held nobody can begin to rely on content that is about to go.
            lock (_leases.Gate)
            {
                var held = _leases.Held();
                doomed = ForgetLayers(held);
                var referred = _database.Read(t => t.Query("SELECT blob FROM image_blobs UNION SELECT l.blob FROM layers l JOIN kept_layers k ON k.diff_id = l.diff_id", row => Digest.Parse(row.GetString(0)))).ToHashSet();
                foreach (var blob in _blobs.All().Where(b => !referred.Contains(b) && !held.Contains(b)).ToList())
                    _blobs.Remove(blob);
            }

            foreach (var directory in doomed)
                Trees.Remove(Path.Combine(_layers.Root, directory));
        }
    }

    // Takes the rows away; returns directories that nothing names any more.
    private List<string> ForgetLayers(HashSet<Digest> held) => _database.Write(t =>
    {
        var mounted = t.Query("SELECT lower FROM snapshots", row => row.GetString(0)).SelectMany(lower => lower.Split(':')).ToHashSet(StringComparer.Ordinal);
        var doomed = new List<string>();
        var layers = t.Query(
            "SELECT directory, diff_id FROM layers WHERE NOT EXISTS (SELECT 1 FROM image_layers i WHERE i.diff_id = layers.diff_id AND (layers.chain_id = '' OR layers.chain_id = i.chain_id)) AND NOT EXISTS (SELECT 1 FROM kept_layers k WHERE k.diff_id = layers.diff_id AND (layers.chain_id = '' OR layers.chain_id = k.chain_id))",
            row => (Directory: row.GetString(0), DiffId: Digest.Parse(row.GetString(1))));
        foreach (var (directory, _) in layers.Where(l => !held.Contains(l.DiffId) && !mounted.Contains(l.Directory)))
        {
            LayerStore.Forget(t, directory);
            doomed.Add(directory);
        }

        // An init layer serves the images whose whole stack is its chain; the empty stack's is kept.
        var inits = t.Query("SELECT chain_id, directory FROM init_layers WHERE NOT EXISTS (SELECT 1 FROM image_layers i WHERE i.chain_id = init_layers.chain_id)", row => (Chain: Digest.Parse(row.GetString(0)), Directory: row.GetString(1)));
        foreach (var (chain, directory) in inits.Where(i => i.Chain != SnapshotStore.EmptyChain && !mounted.Contains(i.Directory)))
        {
            t.Execute("DELETE FROM init_layers WHERE chain_id = $1", chain.ToString());
            _snapshots.Forget(chain);
            doomed.Add(directory);
        }

        return doomed;
    });
}
