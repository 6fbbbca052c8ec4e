namespace Gantry.Kernel.Reactor;

/// <summary>A call that an <see cref="EpollLoop"/> makes later, once.</summary>
public sealed class EpollTimer
{
    private readonly EpollLoop _loop;

    internal EpollTimer(EpollLoop loop, long dueMs, Action action)
    {
        _loop = loop;
        DueMs = dueMs;
        Action = action;
    }

    /// <summary>When, by <see cref="Environment.TickCount64"/>.</summary>
    internal long DueMs { get; }

    internal Action Action { get; }

    /// <summary>Takes the call back. After it was made, or twice, does nothing.</summary>
    public void Cancel() => _loop.Remove(this);
}
