using System.Globalization;
using Gantry.Engine.Builds;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Prune;

/// <summary>Removes what nobody uses. One prune at a time; what is taken into use meanwhile is left alone.</summary>
/// <remarks>Source: moby daemon/prune.go, daemon/images/image_prune.go, volume/service/service.go.</remarks>
public sealed class PruneOperations
{
    private readonly EngineParts _parts;
    private readonly ContainerOperations _containers;
    private readonly BuildOperations _builds;
    private int _pruning;

    internal PruneOperations(EngineParts parts, ContainerOperations containers, BuildOperations builds)
    {
        _parts = parts;
        _builds = builds;
        _containers = containers;
    }

    /// <summary>Removes containers that do not run.</summary>
    /// <param name="filters">until, label, label!</param>
    public Task<ContainerPruneResponse> ContainersAsync(Filters filters, CancellationToken cancellationToken) => OneAtATimeAsync(async () =>
    {
        var wanted = new PruneFilters(filters, _parts.Time.GetUtcNow(), "until");
        List<string> deleted = [];
        long reclaimed = 0;
        foreach (var container in _parts.Containers.All.Where(c => !ContainerStatus.IsUp(c.Run.Status) && wanted.Match(c.Record.Created, c.Record.Config.Labels)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var id = container.Id.ToString();
            var size = _parts.Snapshots.SizeOf(id);
            try
            {
                await _containers.RemoveAsync(id, new RemoveRequest(), cancellationToken);
            }
            catch (GantryException spared) when (spared.Kind is ErrorKind.Conflict or ErrorKind.NotFound)
            {
                // Somebody started or removed it just now.
                continue;
            }

            deleted.Add(id);
            reclaimed += size;
        }

        Tell("container", reclaimed);
        return new ContainerPruneResponse { ContainersDeleted = deleted.Count == 0 ? null : deleted, SpaceReclaimed = reclaimed };
    });

    /// <summary>Removes images that no container uses.</summary>
    /// <param name="filters">dangling (true unless it says otherwise: only images without a tag), until, label, label!</param>
    public Task<ImagePruneResponse> ImagesAsync(Filters filters, CancellationToken cancellationToken) => OneAtATimeAsync(async () =>
    {
        var wanted = new PruneFilters(filters, _parts.Time.GetUtcNow(), "until", "dangling");
        var dangling = filters.Boolean("dangling") ?? true;
        var (deleted, reclaimed) = await Threads.RunAsync(() => _parts.Images.Prune(dangling, wanted.Match, cancellationToken));
        Tell("image", reclaimed);
        return new ImagePruneResponse { ImagesDeleted = deleted.Count == 0 ? null : deleted, SpaceReclaimed = reclaimed };
    });

    /// <summary>Removes volumes that no container uses.</summary>
    /// <param name="filters">all (else only anonymous ones), label, label!</param>
    public Task<VolumePruneResponse> VolumesAsync(Filters filters, CancellationToken cancellationToken) => OneAtATimeAsync(async () =>
    {
        var wanted = new PruneFilters(filters, _parts.Time.GetUtcNow(), "all");
        var all = filters.Boolean("all") ?? false;
        List<string> deleted = [];
        long reclaimed = 0;
        foreach (var volume in _parts.Volumes.List().Where(v => (all || v.Anonymous) && wanted.Match(v.CreatedAt, v.Labels)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_containers.Mounts.UsersOf(volume.Name).Count > 0)
                continue;
            var size = await Threads.RunAsync(() => _parts.Volumes.SizeOf(volume.Name));
            if (!_parts.Volumes.Remove(volume.Name))
                continue;
            _containers.Mounts.PublishVolume("destroy", volume.Name);
            deleted.Add(volume.Name);
            reclaimed += size;
        }

        Tell("volume", reclaimed);
        return new VolumePruneResponse { VolumesDeleted = deleted, SpaceReclaimed = reclaimed };
    });

    /// <summary>Removes networks that no container is on: of the predefined ones, none.</summary>
    /// <param name="filters">until, label, label!</param>
    public Task<NetworkPruneResponse> NetworksAsync(Filters filters, CancellationToken cancellationToken) => OneAtATimeAsync(() =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = new PruneFilters(filters, _parts.Time.GetUtcNow(), "until");
        Tell("network", 0);
        return Task.FromResult(new NetworkPruneResponse());
    });

    /// <summary>Removes cached results of builds; images keep what they have of them.</summary>
    /// <exception cref="GantryException">Invalid: a filter that makes no sense.</exception>
    public Task<BuildPruneResponse> BuildCacheAsync(BuildCachePrune prune, CancellationToken cancellationToken) => OneAtATimeAsync(() => Threads.RunAsync(() =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        var gone = _builds.Prune(prune);
        var reclaimed = gone.Sum(static record => record.SizeBytes);
        Tell("builder", reclaimed);
        return new BuildPruneResponse { CachesDeleted = gone.Count == 0 ? null : [.. gone.Select(static record => BuildCacheUsage.IdOf(record.Owner))], SpaceReclaimed = reclaimed };
    }));

    private async Task<T> OneAtATimeAsync<T>(Func<Task<T>> prune)
    {
        // Source: moby daemon/prune.go, errPruneRunning.
        if (Interlocked.Exchange(ref _pruning, 1) == 1)
            throw GantryException.Of(ErrorKind.Conflict, "a prune operation is already running");
        try
        {
            return await prune();
        }
        finally
        {
            Volatile.Write(ref _pruning, 0);
        }
    }

    private void Tell(string type, long reclaimed) =>
        _parts.Events.Publish(type, "prune", "", new Dictionary<string, string>(StringComparer.Ordinal) { ["reclaimed"] = reclaimed.ToString(CultureInfo.InvariantCulture) });
}
