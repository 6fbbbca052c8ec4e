using Gantry.Api.Versions;
using Gantry.Engine.Builds;

namespace Gantry.Api.Daemon;

/// <summary>Disk usage, and removing what nobody uses.</summary>
internal static class PruneHandlers
{
    public static async Task DiskUsageAsync(Exchange exchange)
    {
        var usage = await exchange.Engine.Usage.MeasureAsync(exchange.Query.Many("type"), exchange.Requested);
        await exchange.WriteJsonAsync(exchange.Query.Flag("verbose", whenAbsent: V151To152.TellsAllUsage(exchange.Version)) ? usage : usage with
        {
            ContainerUsage = usage.ContainerUsage is { } containers ? containers with { Items = null } : null,
            ImageUsage = usage.ImageUsage is { } images ? images with { Items = null } : null,
            VolumeUsage = usage.VolumeUsage is { } volumes ? volumes with { Items = null } : null,
            BuildCacheUsage = usage.BuildCacheUsage is { } cache ? cache with { Items = null } : null,
        });
    }

    public static async Task ContainersAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Pruning.ContainersAsync(exchange.Query.Filters(), exchange.Requested));

    public static async Task ImagesAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Pruning.ImagesAsync(exchange.Query.Filters(), exchange.Requested));

    public static async Task VolumesAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Pruning.VolumesAsync(V141To142.PruneAll(exchange.Query.Filters(), exchange.Version), exchange.Requested));

    public static async Task BuildCacheAsync(Exchange exchange)
    {
        var query = exchange.Query;
        var prune = new BuildCachePrune
        {
            All = query.Flag("all"),
            // Before API 1.48 it was called keep-storage.
            ReservedBytes = Math.Max(query.Size("reserved-space"), query.Size("keep-storage")),
            MaxUsedBytes = query.Size("max-used-space"),
            MinFreeBytes = query.Size("min-free-space"),
            Filters = query.Filters(),
        };
        await exchange.WriteJsonAsync(await exchange.Engine.Pruning.BuildCacheAsync(prune, exchange.Requested));
    }

    public static async Task NetworksAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Pruning.NetworksAsync(exchange.Query.Filters(), exchange.Requested));
}
