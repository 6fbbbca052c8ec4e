using Gantry.Engine.Planning;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Builds;

/// <summary>What a step's mounts are made of, as long as it runs.</summary>
/// <param name="directory">The step's own, on a filesystem in memory: secrets lie in it.</param>
/// <param name="ids">The host's ids of the step's users; null: they are the host's own.</param>
internal sealed class PreparedMounts(string directory, IdMap? ids) : IAsyncDisposable
{
    private readonly Stack<Func<ValueTask>> _closing = new();
    private readonly List<PlanMount> _mounts = [];
    private readonly List<string> _environment = [];

    public IReadOnlyList<PlanMount> Mounts => _mounts;

    /// <summary>Variables that the mounts set, as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment => _environment;

    /// <summary>Adds a mount of something that has the host's ids.</summary>
    public void Add(PlanMount mount) => _mounts.Add(mount);

    /// <summary>Adds something that lies below the data root, where files have the ids that they have inside.</summary>
    public void AddKept(PlanMount mount) => _mounts.Add(mount with { Ids = ids });

    public void AddVariable(string name, string value) => _environment.Add($"{name}={value}");

    /// <summary>Is done in the end, the last first.</summary>
    public void OnClose(Func<ValueTask> close) => _closing.Push(close);

    /// <summary>Writes a file of the step's root into the step's directory; returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(directory, name);
        File.WriteAllText(path, text);
        var (uid, gid) = HostIds(0, 0);
        return Files.TryChownAt(null, path, uid, gid) is var result and < 0
            ? throw GantryException.During($"give {path} to the step's root", new SyscallException("chown", -result, path))
            : path;
    }

    /// <summary>The host's ids of a user and a group of the step.</summary>
    /// <exception cref="GantryException">Invalid: the engine's --userns-remap has none for them.</exception>
    public (uint Uid, uint Gid) HostIds(long uid, long gid) => ids is null
        ? ((uint)uid, (uint)gid)
        : (ids.HostUid((uint)uid) ?? throw Unmapped("uid", uid), ids.HostGid((uint)gid) ?? throw Unmapped("gid", gid));

    private static GantryException Unmapped(string kind, long id) =>
        GantryException.Of(ErrorKind.Invalid, $"{kind} {id} of a mount has no id on the host: the engine's --userns-remap maps fewer; take a smaller one, or give it a larger range in /etc/sub{kind}");

    /// <summary>A path in the step's directory.</summary>
    public string PathOf(string name) => Path.Combine(directory, name);

    public async ValueTask DisposeAsync()
    {
        while (_closing.TryPop(out var close))
            await close();
        Directory.Delete(directory, recursive: true);
    }
}
