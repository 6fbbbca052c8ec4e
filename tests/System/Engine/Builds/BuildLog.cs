using System.Collections.Concurrent;
using Gantry.Build;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>What a build told.</summary>
internal sealed class BuildLog : IBuildProgress
{
    private readonly ConcurrentDictionary<string, VertexProgress> _steps = new();
    private readonly ConcurrentQueue<VertexLog> _output = new();

    /// <summary>Steps that ran, by name: not those that were known.</summary>
    public IReadOnlyList<string> Ran => [.. _steps.Values.Where(s => s is { Completed: not null, Cached: false, Error: null }).Select(s => s.Name)];

    public IReadOnlyList<string> Begun => [.. _steps.Values.Where(s => s.Started is not null).Select(s => s.Name)];

    public IReadOnlyList<string> Cached => [.. _steps.Values.Where(s => s.Cached).Select(s => s.Name)];

    /// <summary>What was said of a step; empty: nothing.</summary>
    public IReadOnlyList<string> Why(string name) => _steps[name].Why;

    public string Output => string.Concat(_output.Select(o => global::System.Text.Encoding.UTF8.GetString(o.Data.Span)));

    public void Report(VertexProgress vertex) => _steps[vertex.Name] = vertex;

    public void Report(VertexLog log) => _output.Enqueue(log);

    public void Report(VertexStatus status)
    {
        // Not looked at.
    }
}
