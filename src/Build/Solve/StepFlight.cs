using Gantry.Model;

namespace Gantry.Build;

/// <summary>One step under way and those who wait for it. Who joins late is told first what the others were told.</summary>
internal sealed class StepFlight : IBuildProgress, IDisposable
{
    // Of a long log a late one gets the end only.
    private const int MostKept = 10_000;

    private readonly Lock _lock = new();
    private readonly List<(IBuildProgress Progress, Digest Vertex)> _waiting = [];
    private readonly Queue<Action<IBuildProgress, Digest>> _told = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<StepResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task _run = Task.CompletedTask;

    public Task<StepResult> Result => _result.Task;

    public void Join(IBuildProgress progress, Digest vertex)
    {
        lock (_lock)
        {
            foreach (var tell in _told)
                tell(progress, vertex);
            _waiting.Add((progress, vertex));
        }
    }

    /// <summary>True when that was the last: it is told still how the step ends.</summary>
    public bool Leave(IBuildProgress progress, Digest vertex)
    {
        lock (_lock)
        {
            if (_waiting.Count == 1)
                return true;
            var place = _waiting.FindIndex(w => w.Progress == progress && w.Vertex == vertex);
            if (place >= 0)
                _waiting.RemoveAt(place);
            return false;
        }
    }

    /// <summary>Runs the step, whoever waits for it.</summary>
    /// <param name="ended">Is called before the result is there.</param>
    public void Start(Func<IBuildProgress, CancellationToken, Task<StepResult>> run, Action ended) => _run = RunAsync(run, ended);

    /// <summary>Stops the step, if it still runs, and waits until it has ended.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stop.Dispose();

    public void Report(VertexProgress vertex) => Tell((p, digest) => p.Report(vertex with { Digest = digest }));

    public void Report(VertexLog log) => Tell((p, digest) => p.Report(log with { Vertex = digest }));

    public void Report(VertexStatus status) => Tell((p, digest) => p.Report(status with { Vertex = digest }));

    private async Task RunAsync(Func<IBuildProgress, CancellationToken, Task<StepResult>> run, Action ended)
    {
        Task<StepResult> step;
        try
        {
            step = run(this, _stop.Token);
            await ((Task)step).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            ended();
        }

        _result.SetFromTask(step);
    }

    private void Tell(Action<IBuildProgress, Digest> tell)
    {
        lock (_lock)
        {
            if (_told.Count == MostKept)
                _told.Dequeue();
            _told.Enqueue(tell);
            foreach (var (progress, vertex) in _waiting)
                tell(progress, vertex);
        }
    }
}
