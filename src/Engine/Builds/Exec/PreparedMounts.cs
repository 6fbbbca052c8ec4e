using Gantry.Engine.Planning;

namespace Gantry.Engine.Builds;

/// <summary>What a step's mounts are made of, as long as it runs.</summary>
/// <param name="directory">The step's own, on a filesystem in memory: secrets lie in it.</param>
internal sealed class PreparedMounts(string directory) : IAsyncDisposable
{
    private readonly Stack<Func<ValueTask>> _closing = new();
    private readonly List<PlanMount> _mounts = [];
    private readonly List<string> _environment = [];

    public IReadOnlyList<PlanMount> Mounts => _mounts;

    /// <summary>Variables that the mounts set, as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment => _environment;

    public void Add(PlanMount mount) => _mounts.Add(mount);

    public void AddVariable(string name, string value) => _environment.Add($"{name}={value}");

    /// <summary>Is done in the end, the last first.</summary>
    public void OnClose(Func<ValueTask> close) => _closing.Push(close);

    /// <summary>Writes a file into the step's directory; returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A path in the step's directory.</summary>
    public string PathOf(string name) => Path.Combine(directory, name);

    public async ValueTask DisposeAsync()
    {
        while (_closing.TryPop(out var close))
            await close();
        Directory.Delete(directory, recursive: true);
    }
}
