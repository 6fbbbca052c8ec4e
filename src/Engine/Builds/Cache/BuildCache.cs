using Gantry.Build;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Results of steps, by their keys, across builds and engines.</summary>
internal sealed class BuildCache : IBuildCache
{
    private const string OwnerPrefix = "build:";

    private readonly ContentStore _content;
    private readonly Database _database;
    private readonly BuildTrees _trees;
    private readonly TimeProvider _time;
    private readonly Lock _using = new();
    private readonly HashSet<string> _used = [];

    /// <summary>What builds under way rely on.</summary>
    public CacheUse Use { get; } = new();

    private BuildCache(ContentStore content, Database database, TimeProvider time)
    {
        _content = content;
        _database = database;
        _trees = new BuildTrees(content, time);
        _time = time;
    }

    /// <summary>The table's history.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("builds", 1, """
            CREATE TABLE build_cache (
                key TEXT PRIMARY KEY, identity TEXT NOT NULL, tree TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
                created INTEGER NOT NULL, used INTEGER NOT NULL, uses INTEGER NOT NULL) WITHOUT ROWID;
            CREATE INDEX build_cache_by_owner ON build_cache (owner);
            """),
    ];

    /// <summary>Opens the cache, and lets go of trees that no key leads to: of builds that an earlier engine did not finish.</summary>
    public static BuildCache Open(ContentStore content, Database database, TimeProvider time)
    {
        var known = database.Read(t => t.Query("SELECT DISTINCT owner FROM build_cache", row => row.GetString(0))).ToHashSet(StringComparer.Ordinal);
        foreach (var owner in content.Kept.Owners().Where(o => o.StartsWith(OwnerPrefix, StringComparison.Ordinal) && !known.Contains(o)))
            content.Kept.Release(owner);
        return new(content, database, time);
    }

    /// <summary>What keeps a result's layers.</summary>
    public static string OwnerOf(StepResult result) => OwnerPrefix + result.Identity;

    /// <inheritdoc/>
    public StepResult? Find(Digest key, Vertex vertex, IReadOnlyList<StepResult> inputs)
    {
        StepResult? found;
        lock (Use.Gate)
        {
            found = _database.Read(t => t.Find("SELECT identity, tree FROM build_cache WHERE key = $1", row => new StepResult { Identity = Digest.Parse(row.GetString(0)), Reference = row.GetString(1) }, key.ToString()));
            if (found is null || !_trees.Has(BuildTree.Of(found)))
                return null;
            Use.Touch(OwnerOf(found));
        }

        lock (_using)
            _used.Add(key.ToString());
        return found;
    }

    /// <inheritdoc/>
    public void Save(Digest key, StepResult result, Vertex vertex)
    {
        var tree = BuildTree.Of(result);
        if (tree.Directory is not null)
            return;
        Use.Touch(OwnerOf(result));
        // Its layers are the step's own, or those of trees that are kept: kept again, they outlive these.
        _content.Kept.Keep(OwnerOf(result), tree.Layers);
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        _database.Write(t => t.Execute(
            "INSERT INTO build_cache (key, identity, tree, owner, name, kind, created, used, uses) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0) ON CONFLICT (key) DO UPDATE SET identity = excluded.identity, tree = excluded.tree, owner = excluded.owner, used = excluded.used",
            key.ToString(), result.Identity.ToString(), result.Reference, OwnerOf(result), vertex.Name, vertex is ExecStep ? "regular" : "internal", now));
    }

    /// <summary>Writes down what was used since the last time: once for a build, and not for each step.</summary>
    public void RecordUses()
    {
        string[] used;
        lock (_using)
        {
            used = [.. _used];
            _used.Clear();
        }

        if (used.Length == 0)
            return;
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        _database.Write(t =>
        {
            foreach (var key in used)
                t.Execute("UPDATE build_cache SET used = $2, uses = uses + 1 WHERE key = $1", key, now);
        });
    }

    /// <summary>All trees of the cache, the least recently used first; of those used together, those that stand on others before these.</summary>
    public IReadOnlyList<BuildCacheRecord> List()
    {
        RecordUses();
        var sizes = _content.Kept.Sizes();
        var rows = _database.Read(t => t.Query(
            "SELECT owner, min(name), max(kind), min(created), max(used), max(uses), min(tree) FROM build_cache GROUP BY owner",
            row => (Tree: BuildTree.Of(new StepResult { Identity = default, Reference = row.GetString(6) }), Record: new BuildCacheRecord
            {
                Owner = row.GetString(0),
                Description = row.GetString(1),
                Kind = row.GetString(2),
                Created = DateTimeOffset.FromUnixTimeMilliseconds(row.GetLong(3)),
                LastUsed = DateTimeOffset.FromUnixTimeMilliseconds(row.GetLong(4)),
                Uses = row.GetLong(5),
            })));
        var records = rows.ToDictionary(r => r.Record.Owner, r => r.Record with
        {
            SizeBytes = sizes.GetValueOrDefault(r.Record.Owner),
            Depth = r.Tree.Layers.Count,
            Parent = r.Tree.Layers.Count > 1 ? OwnerOf(BuildTrees.ResultOf([.. r.Tree.Layers.SkipLast(1)])) : null,
            IsInUse = Use.Has(r.Record.Owner),
        });
        // Who uses a tree uses what it stands on.
        foreach (var owner in records.Values.OrderByDescending(r => r.Depth).Select(r => r.Owner).ToList())
        {
            var record = records[owner];
            if (record.Parent is not { } below)
                continue;
            if (!records.TryGetValue(below, out var parent))
                records[owner] = record with { Parent = null };
            else if (parent.LastUsed < record.LastUsed)
                records[below] = parent with { LastUsed = record.LastUsed };
        }

        return [.. records.Values.OrderBy(r => r.LastUsed).ThenByDescending(r => r.Depth).ThenBy(r => r.Owner, StringComparer.Ordinal)];
    }

    /// <summary>Lets go of trees that no key leads to.</summary>
    public void Forget(IEnumerable<StepResult> results)
    {
        lock (Use.Gate)
        {
            foreach (var owner in results.Select(OwnerOf).Distinct())
            {
                if (_database.Read(t => t.Find("SELECT 1 FROM build_cache WHERE owner = $1", row => row.GetInt(0), owner)) == 0)
                    _content.Kept.Release(owner);
            }
        }
    }

    /// <summary>Forgets trees; those that builds under way rely on stay.</summary>
    /// <returns>The owners that are gone.</returns>
    public IReadOnlyList<string> Remove(IReadOnlyCollection<string> owners)
    {
        List<string> removed;
        lock (Use.Gate)
        {
            removed = [.. owners.Where(owner => !Use.Has(owner))];
            _database.Write(t =>
            {
                foreach (var owner in removed)
                    t.Execute("DELETE FROM build_cache WHERE owner = $1", owner);
            });
            foreach (var owner in removed)
                _content.Kept.Release(owner);
        }

        _content.Collector.Collect();
        return removed;
    }
}
