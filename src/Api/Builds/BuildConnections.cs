using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Gantry.Api.Containers;
using Gantry.Api.Streams;
using Gantry.Build;
using Gantry.Model;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Builds;

/// <summary>
/// Connections that running builds ask their clients for: to a lent SSH agent, or to a terminal where a step failed. A client is told
/// <c>{"connect":{"id","kind","name"}}</c> among the events, and opens <c>POST /build/connections/ID</c>, whose connection becomes the stream.
/// </summary>
/// <remarks>An id is not to be guessed, good once, and only while the build waits.</remarks>
internal static class BuildConnections
{
    private static readonly ConcurrentDictionary<(object Engine, string Id), TaskCompletionSource<BuildConnection>> s_awaited = new();
    private static readonly ConcurrentDictionary<(object Engine, string Id), TaskCompletionSource<IStepShell?>> s_shells = new();

    /// <summary>Asks a build's client for a connection. The caller disposes it.</summary>
    /// <param name="kind"><c>agent</c> or <c>shell</c>.</param>
    /// <param name="name">Which agent, or the step that failed.</param>
    public static Task<BuildConnection> AskAsync(Exchange exchange, BuildStream build, string kind, string name, CancellationToken cancellationToken) =>
        AskAsync(exchange, build, NewId(), kind, name, cancellationToken);

    private static async Task<BuildConnection> AskAsync(Exchange exchange, BuildStream build, string id, string kind, string name, CancellationToken cancellationToken)
    {
        var key = (exchange.Facts, Id: id);
        var awaited = s_awaited[key] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await build.SendAsync(Line(key.Id, kind, name), cancellationToken);
            return await awaited.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            // One that came too late is not served.
            if (!s_awaited.TryRemove(new((key.Facts, key.Id), awaited)) && cancellationToken.IsCancellationRequested && awaited.Task.IsCompletedSuccessfully)
                await (await awaited.Task).DisposeAsync();
        }
    }

    /// <summary>Lets a build's client look into the state that a failed step left, until its shell ends or the client goes.</summary>
    public static async Task VisitAsync(Exchange exchange, BuildStream build, Vertex step, Func<CancellationToken, Task<IStepShell>> open, CancellationToken cancellationToken)
    {
        var key = (exchange.Facts, Id: NewId());
        // Before the client is asked: it tells the size of its terminal as soon as it is connected, which is before there is a shell.
        var opened = s_shells[key] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await using var connection = await AskAsync(exchange, build, key.Id, "shell", step.Name, cancellationToken);
            await ServeAsync(connection, open, opened, cancellationToken);
        }
        finally
        {
            s_shells.TryRemove(key, out _);
            opened.TrySetResult(null);
        }
    }

    private static async Task ServeAsync(BuildConnection connection, Func<CancellationToken, Task<IStepShell>> open, TaskCompletionSource<IStepShell?> opened, CancellationToken cancellationToken)
    {
        try
        {
            await using var shell = await open(cancellationToken);
            opened.TrySetResult(shell);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            // Either side's end is the end: who hangs up has seen enough.
            var shown = shell.Terminal.CopyToAsync(connection, ended.Token);
            var typed = connection.CopyToAsync(shell.Terminal, ended.Token);
            await Task.WhenAny(shown, typed);
            await ended.CancelAsync();
            await Task.WhenAll(shown, typed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (GantryException refused)
        {
            // As in an image without a shell. What the build failed of is what counts.
            await connection.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"no shell can be opened there: {refused.Message}\r\n"), cancellationToken);
        }
    }

    /// <summary><c>POST /build/connections/{id}</c></summary>
    public static async Task ConnectAsync(Exchange exchange)
    {
        var id = exchange["id"];
        if (!s_awaited.TryRemove((exchange.Facts, id), out var awaited))
            throw GantryException.Of(ErrorKind.NotFound, $"no build waits for a connection {id}");
        var hijacked = await HijackedStream.TakeAsync(exchange, terminal: true);
        var connection = new BuildConnection(hijacked);
        awaited.TrySetResult(connection);
        await connection.Ended.WaitAsync(exchange.Requested).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await hijacked.EndAsync();
    }

    /// <summary><c>POST /build/connections/{id}/resize</c></summary>
    public static async Task ResizeAsync(Exchange exchange)
    {
        var (height, width) = TerminalSize.Read(exchange.Query);
        if (!s_shells.TryGetValue((exchange.Facts, exchange["id"]), out var opened) || await opened.Task.WaitAsync(exchange.Requested) is not { } shell)
            throw GantryException.Of(ErrorKind.NotFound, $"no shell runs on a connection {exchange["id"]}");
        await shell.ResizeAsync(height, width, exchange.Requested);
        await exchange.Answer(StatusCodes.Status200OK);
    }

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static ReadOnlyMemory<byte> Line(string id, string kind, string name)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteStartObject("connect");
            json.WriteString("id", id);
            json.WriteString("kind", kind);
            json.WriteString("name", name);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenMemory;
    }
}
