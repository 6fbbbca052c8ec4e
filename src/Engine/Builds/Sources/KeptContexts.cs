using System.Security.Cryptography;
using System.Text;
using Gantry.Archive;

namespace Gantry.Engine.Builds;

/// <summary>The copies of clients' directories that stay from one build to the next, so that only changes are sent again.</summary>
/// <remarks>
/// On disk: <c>builds/contexts/NAME</c>, the name a digest of the client's key and the directory's name; names with a dot before
/// them are on their way out. What is known of a copy's content is known to this engine alone: the next one compares.
/// </remarks>
internal sealed class KeptContexts(string root, TimeProvider time)
{
    /// <summary>What its records are called.</summary>
    public const string Kind = "source.local"; // Source: BuildKit client/diskusage.go, UsageRecordTypeLocalSource

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, KeptContext> _known = [];
    private readonly HashSet<string> _taken = [];

    /// <summary>Takes a copy for one build, empty when there is none yet; null: another build has it.</summary>
    /// <param name="key">Whose directory it is, and which.</param>
    public KeptContext? Take(string key)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32];
        lock (_lock)
        {
            if (!_taken.Add(name))
                return null;
            var path = Path.Combine(root, name);
            Directory.CreateDirectory(path, Private);
            Directory.SetLastAccessTimeUtc(path, time.GetUtcNow().UtcDateTime);
            return _known.TryGetValue(name, out var known) ? known : _known[name] = new(path);
        }
    }

    /// <summary>Gives it back.</summary>
    public void Release(KeptContext context)
    {
        lock (_lock)
            _taken.Remove(Path.GetFileName(context.Path));
    }

    /// <summary>A directory for one build alone, which removes it.</summary>
    public string MakeTemporary()
    {
        var path = NewHidden();
        Directory.CreateDirectory(path, Private);
        return path;
    }

    /// <summary>All copies.</summary>
    public IReadOnlyList<BuildCacheRecord> List() =>
    [
        .. new DirectoryInfo(root).EnumerateDirectories().Where(d => d.Name[0] != '.').Select(d => new BuildCacheRecord
        {
            Owner = d.Name,
            Description = "local source " + d.Name,
            Kind = Kind,
            Created = d.CreationTimeUtc,
            LastUsed = d.LastAccessTimeUtc,
            Uses = 0,
            SizeBytes = Trees.SizeOf(d.FullName),
            IsInUse = IsTaken(d.Name),
        }),
    ];

    /// <summary>Removes copies; those that a build has stay.</summary>
    /// <returns>The names that are gone.</returns>
    public IReadOnlyList<string> Remove(IReadOnlyCollection<string> names)
    {
        var removed = new List<string>();
        foreach (var name in names)
        {
            string doomed;
            lock (_lock)
            {
                if (_taken.Contains(name) || !Directory.Exists(Path.Combine(root, name)))
                    continue;
                _known.Remove(name);
                doomed = NewHidden();
                Directory.Move(Path.Combine(root, name), doomed);
            }

            Trees.TryRemove(doomed);
            removed.Add(name);
        }

        return removed;
    }

    private bool IsTaken(string name)
    {
        lock (_lock)
            return _taken.Contains(name);
    }

    private string NewHidden() => Path.Combine(root, "." + Path.GetRandomFileName());
}
