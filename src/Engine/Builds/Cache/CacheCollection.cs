using Gantry.Engine.Operations;

namespace Gantry.Engine.Builds;

/// <summary>Keeps the build cache within its limits, in the background: after builds, once a minute at most.</summary>
/// <param name="collect">Removes what is beyond.</param>
internal sealed class CacheCollection(Action collect, BackgroundTasks background, TimeProvider time)
{
    private static readonly TimeSpan s_between = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;
    private long? _last;

    /// <summary>A build has ended, or the engine has begun.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            if (_running.IsCompleted && !background.Lifetime.IsCancellationRequested)
                _running = background.Start("collecting the build cache", RunAsync);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_last is { } last && s_between - time.GetElapsedTime(last) is { Ticks: > 0 } wait)
            await Task.Delay(wait, time, cancellationToken);
        _last = time.GetTimestamp();
        await Threads.RunAsync(collect);
    }
}
