using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>A cache outside the engine that a build may take steps from.</summary>
internal interface ICacheSource
{
    /// <summary>What people know it by.</summary>
    string Name { get; }

    /// <summary>Reads what it holds; null: another tool's cache.</summary>
    /// <exception cref="GantryException">NotFound, Unavailable, Invalid: it cannot be had or used.</exception>
    Task<CacheDocument?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Brings the blob of a layer into the store, where it is verified.</summary>
    /// <exception cref="GantryException">As above.</exception>
    Task FetchAsync(CacheLayer layer, Lease lease, CancellationToken cancellationToken);
}
