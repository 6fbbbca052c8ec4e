namespace Gantry.Api.Streams;

/// <summary>A stream of JSON objects, one per line, each sent at once (events).</summary>
internal static class JsonLines
{
    private static readonly byte[] NewLine = [(byte)'\n'];

    public static async Task WriteAsync<T>(Exchange exchange, IAsyncEnumerable<T> items)
    {
        await using var enumerator = items.GetAsyncEnumerator(exchange.Requested);
        await exchange.BeginAsync("application/json");
        try
        {
            while (await enumerator.MoveNextAsync())
            {
                await exchange.Http.Response.Body.WriteAsync((byte[])[.. exchange.Encode(enumerator.Current), .. NewLine], exchange.Requested);
                await exchange.Http.Response.Body.FlushAsync(exchange.Requested);
            }
        }
        catch (OperationCanceledException) when (exchange.Requested.IsCancellationRequested)
        {
            // The client has had enough.
        }
    }
}
