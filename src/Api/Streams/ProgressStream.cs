using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using Gantry.Engine.Images;
using Gantry.Model;

namespace Gantry.Api.Streams;

/// <summary>The JSON stream of pull, import and load: an object for each step, separated by CRLF.</summary>
/// <remarks>Source: moby pkg/streamformatter. An error before the first object is an ordinary answer; after it, it is the last object.</remarks>
internal static class ProgressStream
{
    /// <summary>So many objects wait for a slow client; beyond that, movements of a bar are left out, changes of state never.</summary>
    private const int MaxWaiting = 4096;

    /// <param name="exchange">The request.</param>
    /// <param name="operation">Does the work and reports its progress, from any thread.</param>
    public static async Task RunAsync(Exchange exchange, Func<Action<ImageProgress>, CancellationToken, Task> operation)
    {
        // NOTE: not SingleReader: such a channel cannot count what waits in it.
        var waiting = Channel.CreateUnbounded<ImageProgress>();
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(exchange.Requested);
        var work = WorkAsync(operation, waiting, gone.Token);
        var begun = false;
        try
        {
            while (await waiting.Reader.WaitToReadAsync(CancellationToken.None))
            {
                if (!begun)
                    await exchange.BeginAsync("application/json");
                begun = true;
                while (waiting.Reader.TryRead(out var item))
                    Write(exchange.Http.Response.BodyWriter, item);
                await exchange.Http.Response.BodyWriter.FlushAsync(exchange.Requested);
            }
        }
        finally
        {
            // Whatever ended the writing ends the work too; it is never left behind.
            if (!waiting.Reader.Completion.IsCompleted)
                await gone.CancelAsync();
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (!begun && work.IsCompletedSuccessfully)
            await exchange.BeginAsync("application/json");
        else if (begun && work.Exception?.InnerException is { } failure)
            await FailAsync(exchange, failure);
        else
            await work;
    }

    private static async Task WorkAsync(Func<Action<ImageProgress>, CancellationToken, Task> operation, Channel<ImageProgress> waiting, CancellationToken cancellationToken)
    {
        try
        {
            await operation(
                item =>
                {
                    if (item.Current is null || waiting.Reader.Count < MaxWaiting)
                        waiting.Writer.TryWrite(item);
                },
                cancellationToken);
        }
        finally
        {
            waiting.Writer.Complete();
        }
    }

    private static async Task FailAsync(Exchange exchange, Exception failure)
    {
        if (failure is not GantryException)
            Server.ApiLog.Broken(exchange.Log, failure, exchange.Http.Request.Method, exchange.Http.Request.Path);
        Write(exchange.Http.Response.BodyWriter, new ImageProgress { Error = failure.Message });
        await exchange.Http.Response.BodyWriter.FlushAsync(exchange.Requested);
    }

    private static void Write(IBufferWriter<byte> output, ImageProgress item)
    {
        using (var writer = new Utf8JsonWriter(output))
            item.WriteTo(writer);
        output.Write("\r\n"u8);
    }
}
