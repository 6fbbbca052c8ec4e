using System.Buffers;
using System.Threading.Channels;
using Gantry.Api.Server;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Api.Builds;

/// <summary>
/// A build and the answer that tells of it while it runs. What the build reports waits in a queue, so that a slow client
/// never holds it up; whatever ends the answer ends the build.
/// </summary>
internal sealed class BuildStream : IBuildProgress, IAsyncDisposable
{
    // Output of steps beyond this is left out while the client does not read; states never are.
    private const long MostWaitingBytes = 32 << 20;

    private readonly Exchange _exchange;
    private readonly IBuildRendering _rendering;
    private readonly Channel<object> _happenings = Channel.CreateUnbounded<object>(new() { SingleReader = true });
    private readonly CancellationTokenSource _ended;
    private readonly CancellationToken _requested;
    private long _waitingBytes;
    private bool _begun;

    /// <param name="cancellationToken">Ends when the client goes away or somebody cancels the build.</param>
    public BuildStream(Exchange exchange, IBuildRendering rendering, CancellationToken cancellationToken)
    {
        _exchange = exchange;
        _rendering = rendering;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _requested = _ended.Token;
    }

    public void Report(VertexProgress vertex) => _happenings.Writer.TryWrite(vertex);

    public void Report(VertexLog log)
    {
        if (Interlocked.Add(ref _waitingBytes, log.Data.Length) <= MostWaitingBytes)
            // A copy: the reporter's buffer is its own again when this returns.
            _happenings.Writer.TryWrite(log with { Data = log.Data.ToArray() });
        else
            Interlocked.Add(ref _waitingBytes, -log.Data.Length);
    }

    public void Report(VertexStatus status)
    {
        if (Interlocked.Read(ref _waitingBytes) < MostWaitingBytes)
            _happenings.Writer.TryWrite(status);
    }

    public void Report(VertexWarnings warnings) => _happenings.Writer.TryWrite(warnings);

    /// <summary>Sends the client bytes between what is told of the build, as they are; returns when they are on their way.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _happenings.Writer.TryWrite(new Extra(bytes, sent));
        // When the answer has ended nobody sends it any more.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _requested);
        await sent.Task.WaitAsync(either.Token);
    }

    /// <summary>Builds and answers. A failure before anything was told is thrown: it becomes an ordinary answer.</summary>
    public Task RunAsync(Func<CancellationToken, Task<BuildOutcome>> build) => RunAsync(build, _rendering.Finish);

    /// <summary>Does what is done in place of a build, and answers as for one.</summary>
    /// <param name="finish">Writes the result: the last that is written.</param>
    public async Task RunAsync<T>(Func<CancellationToken, Task<T>> build, Action<IBufferWriter<byte>, T> finish)
    {
        var work = WorkAsync(build);
        var output = _exchange.Http.Response.BodyWriter;
        try
        {
            while (await _happenings.Reader.WaitToReadAsync(CancellationToken.None))
            {
                while (_happenings.Reader.TryRead(out var happening))
                    await WriteAsync(happening);
                if (_begun)
                    await output.FlushAsync(_requested);
            }
        }
        finally
        {
            if (!work.IsCompleted)
                await _ended.CancelAsync();
            await ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (work.IsCompletedSuccessfully)
        {
            await BeginAsync();
            finish(output, await work);
        }
        else
        {
            if (!_begun || _exchange.Requested.IsCancellationRequested)
                await work;
            var failure = work.Exception?.InnerException ?? new OperationCanceledException();
            if (failure is not (GantryException or OperationCanceledException))
                ApiLog.Broken(_exchange.Log, failure, _exchange.Http.Request.Method, _exchange.Http.Request.Path);
            _rendering.Fail(output, failure);
        }

        await output.FlushAsync(_exchange.Requested);
    }

    public ValueTask DisposeAsync()
    {
        _ended.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<T> WorkAsync<T>(Func<CancellationToken, Task<T>> build)
    {
        // Off this thread: what comes before the builder's first wait must not hold up what is told.
        await Task.Yield();
        try
        {
            return await build(_requested);
        }
        finally
        {
            _happenings.Writer.Complete();
        }
    }

    private async Task WriteAsync(object happening)
    {
        // Nothing is begun by what the client is not told: a build that fails before its first step gets a status of its own.
        var output = _exchange.Http.Response.BodyWriter;
        switch (happening)
        {
            case VertexProgress vertex:
                if (vertex.Started is not null || vertex.Cached)
                    await BeginAsync();
                if (_begun)
                    _rendering.Write(output, vertex);
                break;
            case VertexLog log:
                Interlocked.Add(ref _waitingBytes, -log.Data.Length);
                await BeginAsync();
                _rendering.Write(output, log);
                if (output.UnflushedBytes > 1 << 20)
                    await output.FlushAsync(_requested);
                break;
            case VertexStatus status:
                await BeginAsync();
                _rendering.Write(output, status);
                break;
            case VertexWarnings warnings:
                await BeginAsync();
                _rendering.Write(output, warnings);
                break;
            case Extra extra:
                await BeginAsync();
                await output.WriteAsync(extra.Bytes, _requested);
                extra.Sent.TrySetResult();
                break;
        }
    }

    private async Task BeginAsync()
    {
        if (_begun)
            return;
        _begun = true;
        await _exchange.BeginAsync("application/json");
    }

    private sealed record Extra(ReadOnlyMemory<byte> Bytes, TaskCompletionSource Sent);
}
