using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

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

    private readonly KeptDirectories _directories = new(root, Kind, "local source", time);
    private readonly ConcurrentDictionary<string, KeptContext> _known = new();

    /// <summary>Takes a copy for one build, empty when there is none yet; null: another build has it.</summary>
    /// <param name="key">Whose directory it is, and which.</param>
    public KeptContext? Take(string key)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32];
        if (!_directories.TryTake(name))
            return null;
        var path = Directory.CreateDirectory(_directories.PathOf(name), Private).FullName;
        return _known.GetOrAdd(name, static (_, path) => new(path), path);
    }

    /// <summary>Gives it back.</summary>
    public void Release(KeptContext context) => _directories.Release(Path.GetFileName(context.Path));

    /// <summary>A directory for one build alone, which removes it.</summary>
    public string MakeTemporary() => Directory.CreateDirectory(_directories.NewHidden(), Private).FullName;

    /// <summary>All copies.</summary>
    public IReadOnlyList<BuildCacheRecord> List() => _directories.List();

    /// <summary>Removes copies; those that a build has stay.</summary>
    /// <returns>The names that are gone.</returns>
    public IReadOnlyList<string> Remove(IReadOnlyCollection<string> names) => _directories.Remove(names, name => _known.TryRemove(name, out _));
}
