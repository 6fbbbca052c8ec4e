using System.Security.Cryptography;
using System.Text;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Kernel.Sys;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Directories that steps share from one build to the next (<c>--mount=type=cache</c>).</summary>
/// <remarks>On disk: <c>builds/caches/NAME</c>, the name a digest of the id; private copies have a number behind it.</remarks>
internal sealed class CacheMounts(string root, BuildTrees trees, TimeProvider time)
{
    /// <summary>What its records are called.</summary>
    public const string Kind = "exec.cachemount"; // Source: BuildKit client/diskusage.go, UsageRecordTypeCacheMount

    private const int NameDigits = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SemaphoreSlim> _gates = [];
    private readonly HashSet<string> _busy = [];
    private readonly KeptDirectories _directories = new(root, Kind, "cached mount", time);

    /// <summary>Adds the mount; a locked one waits until nobody else has it.</summary>
    /// <param name="seed">What a new cache begins with; null: nothing.</param>
    public async Task MountAsync(StepMount mount, BuildTree? seed, PreparedMounts prepared, CancellationToken cancellationToken)
    {
        var name = NameOf(mount.Id!);
        if (mount.Sharing == CacheSharing.Locked)
        {
            SemaphoreSlim gate;
            lock (_lock)
                gate = _gates.TryGetValue(name, out var known) ? known : _gates[name] = new(1);
            await gate.WaitAsync(cancellationToken);
            prepared.OnClose(() =>
            {
                gate.Release();
                return ValueTask.CompletedTask;
            });
        }
        else if (mount.Sharing == CacheSharing.Private)
        {
            name = TakeFree(name);
            prepared.OnClose(() =>
            {
                lock (_lock)
                    _busy.Remove(name);
                return ValueTask.CompletedTask;
            });
        }

        _directories.Use(name);
        prepared.OnClose(() =>
        {
            _directories.Release(name);
            return ValueTask.CompletedTask;
        });
        var path = _directories.PathOf(name);
        if (!Directory.Exists(path))
            await Threads.RunAsync(() => Make(path, mount, seed, cancellationToken));
        prepared.AddKept(new PlanMount { Kind = PlanMountKind.Bind, Destination = mount.Target!, Source = path, ReadOnly = mount.ReadOnly });
    }

    /// <summary>What the cache of an id is called.</summary>
    public static string NameOf(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..NameDigits];

    /// <summary>Whether a text can be such a name.</summary>
    public static bool IsName(string text) => text.Length == NameDigits && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Where a cache is; null: it is not there.</summary>
    public string? PathOf(string name) => _directories.PathOf(name) is var path && Directory.Exists(path) ? path : null;

    /// <summary>Puts a cache in its place, unless there is one.</summary>
    public void Add(string name, UnpackedLayer content)
    {
        lock (_lock)
        {
            if (PathOf(name) is null)
                content.MoveTo(_directories.PathOf(name));
        }
    }

    /// <summary>All caches.</summary>
    public IReadOnlyList<BuildCacheRecord> List() => _directories.List();

    /// <summary>Removes caches; those that a step has stay.</summary>
    /// <returns>The names that are gone.</returns>
    public IReadOnlyList<string> Remove(IReadOnlyCollection<string> names) => _directories.Remove(names);

    private string TakeFree(string name)
    {
        lock (_lock)
        {
            var free = name;
            for (var number = 1; !_busy.Add(free); number++)
                free = $"{name}-{number}";
            return free;
        }
    }

    // Complete before it has its name: a crash leaves no half cache.
    private void Make(string path, StepMount mount, BuildTree? seed, CancellationToken cancellationToken)
    {
        var making = _directories.NewHidden();
        Directory.CreateDirectory(making);
        try
        {
            using (var directory = Files.Open(making, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC))
            {
                if (seed is not null)
                {
                    using var from = trees.Open(seed);
                    foreach (var source in SourcePaths.Find(from, mount.Source, hasWildcards: false).Where(s => s.IsDirectory))
                    {
                        using var opened = SourcePaths.Open(from, source, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
                        new TreeCopier(new CopyRules(), cancellationToken).Content(opened, directory);
                    }
                }

                Inodes.ChangeOwner(directory, (uint)mount.Uid, (uint)mount.Gid);
                Inodes.ChangeMode(directory, (uint)(mount.Mode ?? 0x1ED));
            }

            try
            {
                Directory.Move(making, path);
            }
            catch (IOException) when (Directory.Exists(path))
            {
                // Another step was faster.
            }
        }
        finally
        {
            Trees.TryRemove(making);
        }
    }
}
