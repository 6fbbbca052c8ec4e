using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Engine.Containers;

namespace Gantry.Api.Containers;

/// <summary>Attaches a client to a container's streams by taking the request's connection.</summary>
internal static class AttachHandlers
{
    public static async Task AttachAsync(Exchange exchange)
    {
        // Everything that can fail does so before the connection is taken, as an ordinary answer.
        await using var process = await exchange.Engine.Containers.AttachAsync(exchange["id"], RequestOf(exchange.Query), exchange.Requested);
        var stream = await HijackedStream.TakeAsync(exchange, process.Terminal);
        await stream.PumpAsync(process, exchange.Requested);
    }

    public static async Task AttachWebSocketAsync(Exchange exchange)
    {
        AttachedWebSocket.Check(exchange);
        await using var process = await exchange.Engine.Containers.AttachAsync(exchange["id"], RequestOf(exchange.Query), exchange.Requested);
        using var stream = await AttachedWebSocket.TakeAsync(exchange);
        await stream.PumpAsync(process, exchange.Requested);
    }

    private static AttachRequest RequestOf(Query query) => new()
    {
        Stdin = query.Flag("stdin"),
        Stdout = query.Flag("stdout"),
        Stderr = query.Flag("stderr"),
        Logs = query.Flag("logs"),
        Stream = query.Flag("stream"),
        DetachKeys = query.TextOrNull("detachKeys"),
    };
}
