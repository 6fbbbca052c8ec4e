namespace Gantry.Engine.Images;

/// <summary>How many layers are downloaded at a time. Who waits first comes first; the number may change at any time.</summary>
internal sealed class DownloadSlots(int most)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private int _most = Math.Max(1, most);
    private int _taken;

    /// <summary>Whether who comes now must wait.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
                return _taken >= _most;
        }
    }

    /// <summary>Changes the number. With a smaller one, those under way go on.</summary>
    public void Resize(int most)
    {
        lock (_lock)
        {
            _most = Math.Max(1, most);
            Admit();
        }
    }

    /// <summary>Waits for a slot; <see cref="Release"/> it.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<TaskCompletionSource> place;
        lock (_lock)
        {
            place = _waiting.AddLast(turn);
            Admit();
        }

        using (cancellationToken.UnsafeRegister(static turn => ((TaskCompletionSource)turn!).TrySetCanceled(), turn))
        {
            try
            {
                await turn.Task;
            }
            catch (OperationCanceledException)
            {
                lock (_lock)
                {
                    if (place.List is not null)
                        _waiting.Remove(place);
                }

                cancellationToken.ThrowIfCancellationRequested();
                throw;
            }
        }
    }

    public void Release()
    {
        lock (_lock)
        {
            _taken--;
            Admit();
        }
    }

    // A turn that was cancelled meanwhile takes no slot.
    private void Admit()
    {
        while (_taken < _most && _waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            if (first.Value.TrySetResult())
                _taken++;
        }
    }
}
