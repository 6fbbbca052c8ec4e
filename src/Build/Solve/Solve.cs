using Gantry.Model;

namespace Gantry.Build;

/// <summary>One build on its way through its graph.</summary>
internal sealed class Solve(StepWork work, StepFlights flights, IBuildProgress progress, CancellationTokenSource build)
{
    private readonly Dictionary<(Digest Digest, bool IgnoreCache), Task<StepResult>> _results = [];
    private Exception? _first;

    public async Task<StepResult> RunAsync(Vertex target)
    {
        var result = Begin(target);
        try
        {
            return await result;
        }
        catch when (_first is not null)
        {
            // Not the cancellation that it led to elsewhere.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_first);
            throw;
        }
        finally
        {
            // Whatever else was under way has ended before the build has: nobody is told anything afterwards.
            await ((Task)Task.WhenAll(_results.Values)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // One vertex may be reached on several ways; a graph is without circles, for a vertex needs its inputs to be made.
    private Task<StepResult> Begin(Vertex target)
    {
        var waiting = new Stack<Vertex>([target]);
        while (waiting.TryPeek(out var vertex))
        {
            Vertex[] missing = [.. vertex.Inputs.Where(i => !_results.ContainsKey(KeyOf(i)))];
            foreach (var input in missing)
                waiting.Push(input);
            if (missing.Length > 0)
                continue;
            waiting.Pop();
            if (!_results.ContainsKey(KeyOf(vertex)))
                _results[KeyOf(vertex)] = RunAsync(vertex, [.. vertex.Inputs.Select(i => _results[KeyOf(i)])]);
        }

        return _results[KeyOf(target)];
    }

    private static (Digest Digest, bool IgnoreCache) KeyOf(Vertex vertex) => (vertex.Digest, vertex.IgnoreCache);

    // What reads a directory, a download or a check-out that goes with this build must not be what another build waits for.
    private bool IsAlone(Vertex vertex) => work.IsAlone || vertex.IgnoreCache || vertex.IsOfOneSession || vertex.Inputs.Any(static input => input is { IsOfOneSession: true, Inputs.Count: 0 });

    private async Task<StepResult> RunAsync(Vertex vertex, Task<StepResult>[] inputs)
    {
        // Nothing runs before the whole graph is begun.
        await Task.Yield();
        var made = await Task.WhenAll(inputs);
        try
        {
            build.Token.ThrowIfCancellationRequested();
            var identities = vertex.Key([.. made.Select(m => m.Identity)]);
            return IsAlone(vertex)
                ? await work.RunAsync(vertex, made, identities, progress, build.Token)
                : await flights.RunAsync(identities, vertex, progress, (shared, token) => work.RunAsync(vertex, made, identities, shared, token), build.Token);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !build.IsCancellationRequested)
        {
            Interlocked.CompareExchange(ref _first, failure, null);
            await build.CancelAsync();
            throw;
        }
    }
}
