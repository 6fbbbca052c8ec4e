using Gantry.Model;

namespace Gantry.Store;

/// <summary>
/// What operations under way hold, so that collection leaves it alone. In memory only: when the process dies, nothing is
/// under way any more.
/// </summary>
public sealed class LeaseStore
{
    private readonly HashSet<Lease> _open = [];

    /// <summary>Taken to hold content, and by the collector while it decides.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Opens a lease; dispose it when rows refer to what it holds.</summary>
    public Lease Open()
    {
        var lease = new Lease(this);
        lock (Gate)
            _open.Add(lease);
        return lease;
    }

    /// <summary>All digests held: blobs, and diff ids of layers.</summary>
    internal HashSet<Digest> Held()
    {
        lock (Gate)
            return [.. _open.SelectMany(lease => lease.Held())];
    }

    internal void Close(Lease lease)
    {
        lock (Gate)
            _open.Remove(lease);
    }
}
