namespace Gantry.Engine.Operations;

/// <summary>Lets one operation at a time through, in order of arrival. Never those of two containers held at once.</summary>
public sealed class AsyncGate : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(1, 1);

    /// <summary>Waits for the gate and passes it.</summary>
    /// <returns>What opens the gate again when disposed.</returns>
    public async ValueTask<Passage> EnterAsync(CancellationToken cancellationToken)
    {
        await _semaphore.WaitAsync(cancellationToken);
        return new(_semaphore);
    }

    /// <inheritdoc/>
    public void Dispose() => _semaphore.Dispose();

    /// <summary>Having passed the gate; dispose to let the next one through.</summary>
    public readonly struct Passage(SemaphoreSlim semaphore) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => semaphore.Release();
    }
}
