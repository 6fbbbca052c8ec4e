using Gantry.Model;

namespace Gantry.Store;

/// <summary>Stacks of layers that somebody but an image needs, so that collection leaves them alone: the build cache's trees.</summary>
public sealed class KeptLayers
{
    private readonly Database _database;

    internal KeptLayers(Database database) => _database = database;

    /// <summary>Keeps a stack until <see cref="Release"/>. Keeping it twice is no error.</summary>
    /// <param name="owner">Who needs it.</param>
    /// <param name="diffIds">Its layers, oldest first. A lease must hold them meanwhile.</param>
    public void Keep(string owner, IReadOnlyList<Digest> diffIds)
    {
        var chain = ChainIds.Of(diffIds);
        _database.Write(t =>
        {
            for (var i = 0; i < diffIds.Count; i++)
                t.Execute("INSERT INTO kept_layers (owner, diff_id, chain_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", owner, diffIds[i].ToString(), chain[i].ToString());
        });
    }

    /// <summary>Lets go of a stack; the next collection may take it.</summary>
    public void Release(string owner) => _database.Write(t => t.Execute("DELETE FROM kept_layers WHERE owner = $1", owner));

    /// <summary>All owners, in no order: for finding those that are gone.</summary>
    public IReadOnlyList<string> Owners() => _database.Read(t => t.Query("SELECT DISTINCT owner FROM kept_layers", row => row.GetString(0)));

    /// <summary>
    /// Bytes of the layers that owners keep and no image has, by owner. A layer that several keep counts for one: the owner
    /// of the smallest stack, which is the one that it is on top of.
    /// </summary>
    public IReadOnlyDictionary<string, long> Sizes()
    {
        var rows = _database.Read(t => t.Query(
            "SELECT k.owner, l.directory, l.size, n.layers FROM kept_layers k JOIN (SELECT owner, count(*) AS layers FROM kept_layers GROUP BY owner) n ON n.owner = k.owner JOIN layers l ON l.diff_id = k.diff_id AND (l.chain_id = '' OR l.chain_id = k.chain_id) WHERE NOT EXISTS (SELECT 1 FROM image_layers i WHERE i.diff_id = k.diff_id AND (l.chain_id = '' OR i.chain_id = k.chain_id))",
            row => (Owner: row.GetString(0), Directory: row.GetString(1), Size: row.GetLong(2), Layers: row.GetLong(3))));
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var layer in rows.GroupBy(r => r.Directory))
        {
            var owner = layer.OrderBy(r => r.Layers).ThenBy(r => r.Owner, StringComparer.Ordinal).First();
            sizes[owner.Owner] = sizes.GetValueOrDefault(owner.Owner) + owner.Size;
        }

        return sizes;
    }
}
