namespace Gantry.Engine.Operations;

/// <summary>Runs something once it has been quiet for a while after activity, and not again before the next activity.</summary>
/// <remarks>A timer runs only between activity and quiet: who waits for nothing is not woken.</remarks>
public sealed class QuietMoment : IDisposable
{
    private readonly TimeSpan _quiet;
    private readonly Action _action;
    private readonly ITimer _timer;
    private int _armed;
    private int _active;

    /// <param name="quiet">For how long nothing must have happened.</param>
    /// <param name="action">What to run, on a thread of the pool.</param>
    /// <param name="time">The clock.</param>
    public QuietMoment(TimeSpan quiet, Action action, TimeProvider time)
    {
        _quiet = quiet;
        _action = action;
        _timer = time.CreateTimer(static state => ((QuietMoment)state!).OnElapsed(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Something happens.</summary>
    public void Touch()
    {
        Volatile.Write(ref _active, 1);
        if (Interlocked.Exchange(ref _armed, 1) == 0)
            _timer.Change(_quiet, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void OnElapsed()
    {
        if (Interlocked.Exchange(ref _active, 0) == 1)
        {
            _timer.Change(_quiet, Timeout.InfiniteTimeSpan);
            return;
        }
        Volatile.Write(ref _armed, 0);
        // A touch between the two lines above saw the timer armed, and would wait for ever.
        if (Volatile.Read(ref _active) == 1)
            Touch();
        else
            _action();
    }
}
