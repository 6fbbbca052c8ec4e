using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Reactor;

/// <summary>One descriptor on an <see cref="EpollLoop"/>.</summary>
public sealed class EpollSource
{
    private readonly EpollLoop _loop;
    private Readiness _interest;
    private bool _removed;

    internal EpollSource(EpollLoop loop, Fd file, Action<Readiness> handler, ulong token, Readiness interest)
    {
        _loop = loop;
        File = file;
        Handler = handler;
        Token = token;
        _interest = interest;
    }

    internal Fd File { get; }

    internal Action<Readiness> Handler { get; }

    internal ulong Token { get; }

    /// <summary>What is waited for; errors and hang-ups are reported even with none.</summary>
    public Readiness Interest
    {
        get => _interest;
        set
        {
            if (_removed || value == _interest)
                return;
            _interest = value;
            _loop.Change(this, value);
        }
    }

    /// <summary>Stops watching. Twice does nothing.</summary>
    public void Remove()
    {
        if (_removed)
            return;
        _removed = true;
        _loop.Remove(this);
    }
}
