using Gantry.Engine.Operations;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Operations;

public sealed class UndoStackTests
{
    [Fact]
    public async Task UndoesLastFirstAndGoesOnAfterAFailure()
    {
        List<string> done = [];
        List<string> failed = [];
        await using (var undo = new UndoStack(TimeSpan.FromSeconds(5), (step, _) => failed.Add(step)))
        {
            foreach (var step in (string[])["one", "two", "three"])
            {
                undo.Push(step, _ =>
                {
                    done.Add(step);
                    return step == "two" ? throw new InvalidOperationException() : ValueTask.CompletedTask;
                });
            }
        }
        Assert.Equal(["three", "two", "one"], done);
        Assert.Equal(["two"], failed);
    }

    [Fact]
    public async Task UndoesNothingAfterTheCommit()
    {
        var undone = false;
        await using (var undo = new UndoStack(TimeSpan.FromSeconds(5), (_, _) => { }))
        {
            undo.Push("one", _ =>
            {
                undone = true;
                return ValueTask.CompletedTask;
            });
            undo.Commit();
        }
        Assert.False(undone);
    }

    [Fact]
    public async Task AnUndoThatHangsIsGivenUp()
    {
        List<string> failed = [];
        await using (var undo = new UndoStack(TimeSpan.FromMilliseconds(20), (step, _) => failed.Add(step)))
            undo.Push("hangs", async limit => await Task.Delay(Timeout.Infinite, limit));
        Assert.Equal(["hangs"], failed);
    }

    [Fact]
    public async Task TheGateLetsOneThrough()
    {
        using var gate = new AsyncGate();
        var first = await gate.EnterAsync(CancellationToken.None);
        var second = gate.EnterAsync(CancellationToken.None);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }
}
