using Gantry.Engine.Operations;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Operations;

public sealed class QuietMomentTests
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(10);
    private readonly HandTime _time = new();
    private int _runs;

    [Fact]
    public void NothingRunsWithoutActivity()
    {
        using var moment = new QuietMoment(s_quiet, () => _runs++, _time);

        Assert.Equal(Timeout.InfiniteTimeSpan, _time.Due);
        Assert.Equal(0, _runs);
    }

    [Fact]
    public void RunsOnceAfterTheLastActivity()
    {
        using var moment = new QuietMoment(s_quiet, () => _runs++, _time);
        moment.Touch();
        Assert.Equal(s_quiet, _time.Due);
        moment.Touch();
        _time.Elapse(); // it was not quiet until here
        Assert.Equal((0, s_quiet), (_runs, _time.Due));
        _time.Elapse();

        Assert.Equal((1, Timeout.InfiniteTimeSpan), (_runs, _time.Due));
    }

    [Fact]
    public void NextActivityBringsTheNextRun()
    {
        using var moment = new QuietMoment(s_quiet, () => _runs++, _time);
        for (var round = 1; round <= 3; round++)
        {
            moment.Touch();
            _time.Elapse();
            _time.Elapse();
            Assert.Equal((round, Timeout.InfiniteTimeSpan), (_runs, _time.Due));
        }
    }

    /// <summary>A clock with one timer, which elapses when the test says so.</summary>
    private sealed class HandTime : TimeProvider, ITimer
    {
        private Action? _elapsed;

        public TimeSpan Due { get; private set; }

        public void Elapse()
        {
            Due = Timeout.InfiniteTimeSpan;
            _elapsed!();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _elapsed = () => callback(state);
            Due = dueTime;
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
