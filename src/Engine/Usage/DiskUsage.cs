using Gantry.Engine.Builds;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Usage;

/// <summary>What the engine's things take on disk (<c>system df</c>).</summary>
/// <remarks>Source: moby daemon/disk_usage.go. Sizes are of file content, as everywhere in the API.</remarks>
public sealed class DiskUsage
{
    private static readonly string[] s_kinds = ["container", "image", "volume", "build-cache"];

    private readonly EngineParts _parts;
    private readonly ContainerOperations _containers;
    private readonly ContainerMounts _mounts;
    private readonly BuildOperations _builds;

    internal DiskUsage(EngineParts parts, ContainerOperations containers, BuildOperations builds)
    {
        _builds = builds;
        _parts = parts;
        _containers = containers;
        _mounts = containers.Mounts;
    }

    /// <summary>Bytes that are free where the engine keeps its data.</summary>
    public long FreeBytes => new DriveInfo(_parts.Options.DataRoot).AvailableFreeSpace;

    /// <summary>Measures. A kind that is not asked for is absent.</summary>
    /// <param name="kinds">container, image, volume, build-cache; empty: all.</param>
    /// <exception cref="GantryException">Invalid: an unknown kind.</exception>
    public async Task<SystemDataUsageResponse> MeasureAsync(IReadOnlyList<string> kinds, CancellationToken cancellationToken)
    {
        // Source: moby daemon/server/router/system/system_routes.go, getDiskUsage.
        if (kinds.FirstOrDefault(kind => !s_kinds.Contains(kind)) is { } unknown)
            throw GantryException.Of(ErrorKind.Invalid, $"unknown object type: {unknown}");
        var all = kinds.Count == 0;
        return new()
        {
            ContainerUsage = all || kinds.Contains("container") ? await ContainersAsync(cancellationToken) : null,
            ImageUsage = all || kinds.Contains("image") ? await Threads.RunAsync(_parts.Images.MeasureUsage) : null,
            VolumeUsage = all || kinds.Contains("volume") ? await Threads.RunAsync(() => Volumes(cancellationToken)) : null,
            BuildCacheUsage = all || kinds.Contains("build-cache") ? await Threads.RunAsync(() => BuildCacheUsage.Measure(_builds.ListCache())) : null,
        };
    }

    private async Task<ContainersDiskUsage> ContainersAsync(CancellationToken cancellationToken)
    {
        var containers = await _containers.ListAsync(new ContainerListQuery { All = true, Size = true }, cancellationToken);
        var active = containers.Where(c => ContainerStatus.IsUp(c.State ?? "")).ToList();
        return new()
        {
            TotalCount = containers.Count,
            ActiveCount = active.Count,
            TotalSize = containers.Sum(c => c.SizeRw ?? 0),
            Reclaimable = containers.Except(active).Sum(c => c.SizeRw ?? 0),
            Items = containers,
        };
    }

    private VolumesDiskUsage Volumes(CancellationToken cancellationToken)
    {
        var items = new List<VolumeResource>();
        foreach (var volume in _parts.Volumes.List())
        {
            cancellationToken.ThrowIfCancellationRequested();
            items.Add(volume.ToResource() with { UsageData = new() { Size = _parts.Volumes.SizeOf(volume.Name), RefCount = _mounts.UsersOf(volume.Name).Count } });
        }

        return new()
        {
            TotalCount = items.Count,
            ActiveCount = items.Count(v => v.UsageData!.RefCount > 0),
            TotalSize = items.Sum(v => v.UsageData!.Size),
            Reclaimable = items.Where(v => v.UsageData!.RefCount == 0).Sum(v => v.UsageData!.Size),
            Items = items,
        };
    }
}
