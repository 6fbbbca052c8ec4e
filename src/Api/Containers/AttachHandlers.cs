using Gantry.Api.Streams;
using Gantry.Engine.Containers;

namespace Gantry.Api.Containers;

/// <summary>Attaches a client to a container's streams by taking the request's connection.</summary>
internal static class AttachHandlers
{
    public static async Task AttachAsync(Exchange exchange)
    {
        var query = exchange.Query;
        var request = new AttachRequest
        {
            Stdin = query.Flag("stdin"),
            Stdout = query.Flag("stdout"),
            Stderr = query.Flag("stderr"),
            Logs = query.Flag("logs"),
            Stream = query.Flag("stream"),
            DetachKeys = query.TextOrNull("detachKeys"),
        };
        // Everything that can fail does so before the connection is taken, as an ordinary answer.
        await using var process = await exchange.Engine.Containers.AttachAsync(exchange["id"], request, exchange.Requested);
        var stream = await HijackedStream.TakeAsync(exchange, process.Terminal);
        await stream.PumpAsync(process, exchange.Requested);
    }
}
