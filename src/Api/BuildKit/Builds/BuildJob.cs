using System.Collections.Concurrent;
using Gantry.Api.BuildKit.Wire.Frontend;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>One build: what the client asked for, what it said since, and how it goes.</summary>
internal sealed class BuildJob(Wire.SolveRequest request)
{
    /// <summary>Results that one client may ask for; a bake file has some dozens of targets, each a build of its own.</summary>
    private const int MostResults = 1000;

    private readonly ConcurrentDictionary<string, FrontendOptions> _results = new(StringComparer.Ordinal);
    private int _numbers;

    public Wire.SolveRequest Request { get; } = request;

    public ProgressLog Log { get; } = new();

    /// <summary>What the client hands back: a result to be exported, or why there is none.</summary>
    public TaskCompletionSource<ReturnRequest> Returned { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Keeps what is to be built until the client hands its name back.</summary>
    public string Keep(FrontendOptions options)
    {
        var number = Interlocked.Increment(ref _numbers);
        if (number > MostResults)
            throw Model.GantryException.Of(Model.ErrorKind.Exhausted, $"one build has at most {MostResults} results");
        var name = $"{Request.Ref}-{number}";
        _results[name] = options;
        return name;
    }

    /// <exception cref="Model.GantryException">NotFound: no such result.</exception>
    public FrontendOptions Get(string name) => _results.TryGetValue(name, out var options)
        ? options
        : throw Model.GantryException.Of(Model.ErrorKind.NotFound, $"no such reference: {name}");
}
