using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Reactor;

/// <summary>One thread's event loop over descriptors: a call for each that is ready, on the thread that runs it.</summary>
/// <remarks>Not thread-safe: everything is called from the loop's own thread. Waiting allocates nothing.</remarks>
public sealed class EpollLoop : IDisposable
{
    private readonly Fd _epoll = Epoll.Open();
    private readonly (Readiness Ready, ulong Token)[] _ready = new (Readiness, ulong)[32];
    private readonly List<EpollSource?> _sources = [];
    private readonly List<EpollTimer> _timers = [];
    private uint _generation;
    private bool _stopped;

    /// <summary>Watches a descriptor. The caller keeps owning it, and removes the source before closing it.</summary>
    public EpollSource Add(Fd file, Readiness interest, Action<Readiness> handler)
    {
        var slot = _sources.IndexOf(null);
        if (slot < 0)
        {
            slot = _sources.Count;
            _sources.Add(null);
        }
        // NOTE: the generation tells an event for a source removed earlier in the same round from one for its successor.
        var source = new EpollSource(this, file, handler, ((ulong)++_generation << 32) | (uint)slot, interest);
        Epoll.Add(_epoll, file, interest, source.Token);
        _sources[slot] = source;
        return source;
    }

    /// <summary>Calls once, after this time at the earliest. Meant for a few: they are searched one by one.</summary>
    public EpollTimer Schedule(int delayMs, Action action)
    {
        var timer = new EpollTimer(this, Environment.TickCount64 + delayMs, action);
        _timers.Add(timer);
        return timer;
    }

    /// <summary>Serves until <see cref="Stop"/>.</summary>
    public void Run()
    {
        while (!_stopped)
            RunOnce(-1);
    }

    /// <summary>Serves what is ready, waiting for it at most this long.</summary>
    public void RunOnce(int timeoutMs)
    {
        var count = Epoll.Wait(_epoll, _ready, UntilTimer(timeoutMs));
        if (_timers.Count > 0)
            RunTimers();
        for (var i = 0; i < count && !_stopped; i++)
        {
            var (ready, token) = _ready[i];
            var source = _sources[(int)(uint)token];
            if (source is not null && source.Token == token)
                source.Handler(ready);
        }
    }

    /// <summary>Ends <see cref="Run"/> after the handler that is running.</summary>
    public void Stop() => _stopped = true;

    /// <inheritdoc/>
    public void Dispose() => _epoll.Dispose();

    private int UntilTimer(int timeoutMs)
    {
        foreach (var timer in _timers)
        {
            var left = (int)Math.Max(0, timer.DueMs - Environment.TickCount64);
            timeoutMs = timeoutMs < 0 ? left : Math.Min(timeoutMs, left);
        }
        return timeoutMs;
    }

    private void RunTimers()
    {
        for (var i = _timers.Count - 1; i >= 0; i--)
        {
            // An action may cancel other timers.
            if (i >= _timers.Count || _timers[i].DueMs > Environment.TickCount64)
                continue;
            var timer = _timers[i];
            _timers.RemoveAt(i);
            timer.Action();
        }
    }

    internal void Remove(EpollTimer timer) => _timers.Remove(timer);

    internal void Change(EpollSource source, Readiness interest) => Epoll.Change(_epoll, source.File, interest, source.Token);

    internal void Remove(EpollSource source)
    {
        _sources[(int)(uint)source.Token] = null;
        Epoll.Remove(_epoll, source.File);
    }
}
