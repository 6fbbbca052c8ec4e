using Gantry.Model;

namespace Gantry.Store;

/// <summary>One operation's hold on content.</summary>
public sealed class Lease : IDisposable
{
    private readonly LeaseStore _store;
    private readonly HashSet<Digest> _held = [];

    internal Lease(LeaseStore store) => _store = store;

    /// <summary>Holds a blob, or a layer by its diff id, whether or not it is there yet.</summary>
    public void Hold(Digest digest)
    {
        lock (_store.Gate)
            _held.Add(digest);
    }

    /// <summary>Lets go of everything; collection may take what nothing else refers to.</summary>
    public void Dispose() => _store.Close(this);

    internal Digest[] Held()
    {
        lock (_store.Gate)
            return [.. _held];
    }
}
