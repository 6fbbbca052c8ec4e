using System.Collections.Concurrent;
using Gantry.Api.BuildKit.Session;
using Gantry.Api.BuildKit.Wire.Frontend;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>One build: what the client asked for, what it said since, and how it goes.</summary>
internal sealed class BuildJob : IAsyncDisposable
{
    /// <summary>Results that one client may ask for; a bake file has some dozens of targets, each a build of its own.</summary>
    private const int MostResults = 1000;

    private readonly ConcurrentDictionary<string, JobResult> _results = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<IBuildResult> _held = [];
    private readonly CancellationTokenSource _ended = new();
    private int _numbers;

    public BuildJob(Wire.SolveRequest request)
    {
        Request = request;
        Ended = _ended.Token;
    }

    public Wire.SolveRequest Request { get; }

    public ProgressLog Log { get; } = new();

    /// <summary>What the client hands back: a result to be exported, or why there is none.</summary>
    public TaskCompletionSource<ReturnRequest> Returned { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the build.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Keeps what is to be built until the client hands its name back.</summary>
    public JobResult Keep(BuildKitFacts facts, ClientSessions sessions, FrontendOptions options)
    {
        var number = Interlocked.Increment(ref _numbers);
        if (number > MostResults)
            throw GantryException.Of(ErrorKind.Exhausted, $"one build has at most {MostResults} results");
        var name = $"{Request.Ref}-{number}";
        return _results[name] = new JobResult(name, (change, token) => BuildRun.BuildAsync(facts, sessions, this, options, change, token), Ended);
    }

    /// <summary>All platforms' results of a name.</summary>
    /// <exception cref="GantryException">NotFound: no such result.</exception>
    public JobResult Get(string name) => _results.TryGetValue(ResultName.Read(name).Whole, out var result) ? result : throw NoSuchResult(name);

    /// <summary>Runs the steps for a result, unless that is done.</summary>
    /// <exception cref="GantryException">NotFound: no such result.</exception>
    public Task<IBuildResult> SolveAsync(string name, CancellationToken cancellationToken) => Get(name).SolveAsync(ResultName.Read(name).Platform, cancellationToken);

    /// <summary>Keeps a result of another build until this one ends.</summary>
    public void Hold(IBuildResult result) => _held.Add(result);

    /// <summary>Stops what is under way.</summary>
    public void Cancel() => _ended.Cancel();

    /// <summary>Stops what is under way, and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        foreach (var result in _results.Values)
            await result.EndAsync();
        while (_held.TryTake(out var held))
            held.Dispose();
        Log.End();
        _ended.Dispose();
    }

    internal static GantryException NoSuchResult(string name) => GantryException.Of(ErrorKind.NotFound, $"no such reference: {name}");
}
