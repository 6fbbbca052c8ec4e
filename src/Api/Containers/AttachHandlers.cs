using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Engine.Containers;
using Gantry.Model;

namespace Gantry.Api.Containers;

/// <summary>Attaches a client to a container's streams by taking the request's connection.</summary>
internal static class AttachHandlers
{
    public static async Task AttachAsync(Exchange exchange)
    {
        var request = RequestOf(exchange.Query);
        AttachedStream process;
        try
        {
            process = await exchange.Engine.Containers.AttachAsync(exchange["id"], request, exchange.Requested);
        }
        catch (GantryException refused)
        {
            await HijackedStream.RefuseAsync(exchange, refused);
            return;
        }

        await using var _ = process;
        var stream = await HijackedStream.TakeAsync(exchange, process.Terminal);
        await stream.PumpAsync(process, exchange.Requested);
    }

    public static async Task AttachWebSocketAsync(Exchange exchange)
    {
        _ = await exchange.Engine.Containers.InspectAsync(exchange["id"], false, exchange.Requested); // who asks for none hears that first
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
