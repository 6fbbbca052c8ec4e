using System.Collections.Concurrent;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Notes which keys led to which results in one build, for a cache outside the engine.</summary>
internal sealed class CacheRecorder(IBuildCache cache) : IBuildCache
{
    private readonly ConcurrentDictionary<Digest, (Vertex Vertex, StepResult Result)> _results = new();
    private readonly ConcurrentDictionary<Vertex, IReadOnlyList<StepResult>> _inputs = new(ReferenceEqualityComparer.Instance);

    /// <summary>All keys of steps that make a layer.</summary>
    public IReadOnlyDictionary<Digest, (Vertex Vertex, StepResult Result)> Results => _results;

    /// <summary>What a step was made of; null: nobody looked for it.</summary>
    public IReadOnlyList<StepResult>? InputsOf(Vertex vertex) => _inputs.GetValueOrDefault(vertex);

    /// <inheritdoc/>
    public StepResult? Find(Digest key, Vertex vertex, IReadOnlyList<StepResult> inputs)
    {
        _inputs[vertex] = inputs;
        var found = cache.Find(key, vertex, inputs);
        if (found is not null)
            Note(key, found, vertex);
        return found;
    }

    /// <inheritdoc/>
    public void Save(Digest key, StepResult result, Vertex vertex)
    {
        Note(key, result, vertex);
        cache.Save(key, result, vertex);
    }

    /// <summary>Forgets all of it: the build begins again.</summary>
    public void Clear()
    {
        _results.Clear();
        _inputs.Clear();
    }

    private void Note(Digest key, StepResult result, Vertex vertex)
    {
        if (vertex is FileStep or ExecStep)
            _results[key] = (vertex, result);
    }
}
