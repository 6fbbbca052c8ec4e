using Gantry.Api.Versions;
using Gantry.Model.Api;

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
        });
    }

    public static async Task ContainersAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Pruning.ContainersAsync(exchange.Query.Filters(), exchange.Requested));

    public static async Task ImagesAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Pruning.ImagesAsync(exchange.Query.Filters(), exchange.Requested));

    public static async Task VolumesAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Pruning.VolumesAsync(V141To142.PruneAll(exchange.Query.Filters(), exchange.Version), exchange.Requested));

    /// <summary>Nothing builds images here, so there is no cache: <c>system prune</c> of every client asks all the same.</summary>
    public static Task BuildCacheAsync(Exchange exchange) => exchange.WriteJsonAsync(new BuildPruneResponse());

    public static async Task NetworksAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Pruning.NetworksAsync(exchange.Query.Filters(), exchange.Requested));
}
