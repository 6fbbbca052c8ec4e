using Gantry.Api.Daemon;
using Gantry.Model.Api;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Volumes;

/// <summary>Volumes: list, create, inspect, remove.</summary>
internal static class VolumeHandlers
{
    public static async Task ListAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Volumes.ListAsync(exchange.Query.Filters(), exchange.Requested));

    public static async Task CreateAsync(Exchange exchange)
    {
        // Source: moby postVolumesCreate; without a body an anonymous volume is made.
        var request = await exchange.ReadJsonAsync<VolumeCreateRequest>() ?? new VolumeCreateRequest();
        if (request.ClusterVolumeSpec is not null)
            await SystemHandlers.NoSwarm(exchange);
        await exchange.WriteJsonAsync(await exchange.Engine.Volumes.CreateAsync(request, exchange.Requested), StatusCodes.Status201Created);
    }

    public static async Task InspectAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Volumes.InspectAsync(exchange["name"], exchange.Requested));

    public static async Task RemoveAsync(Exchange exchange)
    {
        await exchange.Engine.Volumes.RemoveAsync(exchange["name"], exchange.Query.Flag("force"), exchange.Requested);
        await exchange.Answer(StatusCodes.Status204NoContent);
    }
}
