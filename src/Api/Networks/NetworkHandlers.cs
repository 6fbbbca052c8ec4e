namespace Gantry.Api.Networks;

/// <summary>Networks: list and inspect.</summary>
internal static class NetworkHandlers
{
    public static async Task ListAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Networks.ListAsync(exchange.Query.Filters(), exchange.Requested));

    public static async Task InspectAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Networks.InspectAsync(exchange["id"], exchange.Requested));
}
