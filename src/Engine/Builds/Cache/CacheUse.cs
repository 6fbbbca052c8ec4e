namespace Gantry.Engine.Builds;

/// <summary>
/// What builds under way have taken from the cache or put into it, so that no prune takes it away: everything since the
/// oldest of them began.
/// </summary>
internal sealed class CacheUse
{
    private readonly SortedSet<long> _running = [];
    private readonly Dictionary<string, long> _touched = [];
    private long _clock;

    /// <summary>Held while something is found and noted, and while something is removed.</summary>
    public Lock Gate { get; } = new();

    /// <summary>A build begins; it ends when this is disposed.</summary>
    public IDisposable Begin()
    {
        lock (Gate)
        {
            var number = ++_clock;
            _running.Add(number);
            return new Ending(this, number);
        }
    }

    /// <summary>Notes that something is used.</summary>
    public void Touch(string owner)
    {
        lock (Gate)
        {
            if (_running.Count > 0)
                _touched[owner] = ++_clock;
        }
    }

    /// <summary>Whether a build under way may rely on it.</summary>
    public bool Has(string owner)
    {
        lock (Gate)
            return _running.Count > 0 && _touched.TryGetValue(owner, out var when) && when > _running.Min;
    }

    private void End(long number)
    {
        lock (Gate)
        {
            _running.Remove(number);
            if (_running.Count == 0)
                _touched.Clear();
        }
    }

    private sealed class Ending(CacheUse use, long number) : IDisposable
    {
        public void Dispose() => use.End(number);
    }
}
