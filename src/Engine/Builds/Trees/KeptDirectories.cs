using Gantry.Archive;

namespace Gantry.Engine.Builds;

/// <summary>Directories that stay from one build to the next, by their names; what somebody uses is not removed.</summary>
/// <remarks>
/// On disk: one below the root for each name. What begins with a dot is half made or on its way out, and is gone at the next start.
/// The time of access says when one was used: nothing here that only looks changes it.
/// </remarks>
/// <param name="kind">What their records are called.</param>
/// <param name="title">What is said before a name.</param>
internal sealed class KeptDirectories(string root, string kind, string title, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _users = [];

    /// <summary>Where one is, or would be.</summary>
    public string PathOf(string name) => Path.Combine(root, name);

    /// <summary>A place for what has no name yet.</summary>
    public string NewHidden() => Path.Combine(root, "." + Path.GetRandomFileName());

    /// <summary>Begins to use one, beside others.</summary>
    public void Use(string name)
    {
        lock (_lock)
            _users[name] = _users.GetValueOrDefault(name) + 1;
    }

    /// <summary>Begins to use one alone; false: somebody else does.</summary>
    public bool TryTake(string name)
    {
        lock (_lock)
            return _users.TryAdd(name, 1);
    }

    /// <summary>Ends using one.</summary>
    public void Release(string name)
    {
        lock (_lock)
        {
            if (--_users[name] == 0)
                _users.Remove(name);
            if (Directory.Exists(PathOf(name)))
                Directory.SetLastAccessTimeUtc(PathOf(name), time.GetUtcNow().UtcDateTime);
        }
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<BuildCacheRecord> List() =>
    [
        .. new DirectoryInfo(root).EnumerateDirectories().Where(static d => d.Name[0] != '.').Select(d => new BuildCacheRecord
        {
            Owner = d.Name,
            Description = $"{title} {d.Name}",
            Kind = kind,
            Created = d.CreationTimeUtc,
            LastUsed = d.LastAccessTimeUtc,
            Uses = 0,
            SizeBytes = Trees.SizeOf(d.FullName),
            IsInUse = IsUsed(d.Name),
        }),
    ];

    /// <summary>Removes those that nobody uses.</summary>
    /// <param name="leaving">Is told of each before somebody can take it anew.</param>
    /// <returns>The names that are gone.</returns>
    public IReadOnlyList<string> Remove(IReadOnlyCollection<string> names, Action<string>? leaving = null)
    {
        var removed = new List<string>();
        foreach (var name in names)
        {
            var doomed = NewHidden();
            lock (_lock)
            {
                if (_users.ContainsKey(name) || !Directory.Exists(PathOf(name)))
                    continue;
                leaving?.Invoke(name);
                Directory.Move(PathOf(name), doomed);
            }

            Trees.TryRemove(doomed);
            removed.Add(name);
        }

        return removed;
    }

    private bool IsUsed(string name)
    {
        lock (_lock)
            return _users.ContainsKey(name);
    }
}
