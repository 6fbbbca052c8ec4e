using Microsoft.Extensions.Logging;

namespace Gantry.Engine.Operations;

/// <summary>Work that goes on after its request was answered, or without any. Each has a name; all are awaited at the end.</summary>
public sealed class BackgroundTasks(ILogger logger, CancellationToken lifetime) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Ends when the engine is to stop.</summary>
    public CancellationToken Lifetime { get; } = lifetime;

    /// <summary>Starts work on the pool. A failure is logged; it has nobody else to be told to.</summary>
    /// <param name="name">What it does, for the log.</param>
    /// <param name="body">The work; its token is the engine's lifetime.</param>
    public Task Start(string name, Func<CancellationToken, Task> body)
    {
        var task = Task.Run(() => SuperviseAsync(name, body), CancellationToken.None);
        lock (_lock)
            _running.Add(task);
        _ = task.ContinueWith(
            ended =>
            {
                lock (_lock)
                    _running.Remove(ended);
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return task;
    }

    /// <summary>Waits for what still runs. The lifetime must have ended, or the work must end by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        while (true)
        {
            Task[] left;
            lock (_lock)
                left = [.. _running];
            if (left.Length == 0)
                return;
            await Task.WhenAll(left);
        }
    }

    private async Task SuperviseAsync(string name, Func<CancellationToken, Task> body)
    {
#pragma warning disable CA1031 // the end of the chain
        try
        {
            await body(Lifetime);
        }
        catch (OperationCanceledException) when (Lifetime.IsCancellationRequested)
        {
        }
        catch (Exception failure)
        {
            logger.BackgroundFailed(name, failure);
        }
#pragma warning restore CA1031
    }
}
