namespace Gantry.Engine.Operations;

/// <summary>
/// What an unfinished operation has made, so that it can be unmade: each step that has succeeded pushes its undo, and
/// disposal without <see cref="Commit"/> runs them, last first.
/// </summary>
/// <remarks>
/// Every undo has its own time limit and no other cancellation: the client that went away is often the very reason for
/// undoing. An undo that fails is reported and does not stop the others.
/// </remarks>
public sealed class UndoStack(TimeSpan limitPerStep, Action<string, Exception> onFailure) : IAsyncDisposable
{
    private readonly Stack<(string Step, Func<CancellationToken, ValueTask> Undo)> _undos = new();

    /// <summary>How many undos are waiting.</summary>
    public int Count => _undos.Count;

    /// <summary>Adds the undo of a step that has just succeeded.</summary>
    /// <param name="step">What is undone, for the log.</param>
    /// <param name="undo">Undoes it; its token is the step's time limit.</param>
    public void Push(string step, Func<CancellationToken, ValueTask> undo) => _undos.Push((step, undo));

    /// <summary>The operation is done: nothing will be undone.</summary>
    public void Commit() => _undos.Clear();

    /// <summary>Runs what is left, last first.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_undos.TryPop(out var entry))
        {
            using var limit = new CancellationTokenSource(limitPerStep);
#pragma warning disable CA1031 // one failing undo must not stop the rest
            try
            {
                await entry.Undo(limit.Token);
            }
            catch (Exception failure)
            {
                onFailure(entry.Step, failure);
            }
#pragma warning restore CA1031
        }
    }
}
