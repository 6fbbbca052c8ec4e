using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Gantry.Api.BuildKit.Transport;

/// <summary>A taken connection, as a Kestrel sees it that did not accept it.</summary>
internal sealed class HijackedConnection : ConnectionContext, IConnectionLifetimeFeature
{
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDuplexPipe _pipe;

    public HijackedConnection(string id, IDuplexPipe pipe)
    {
        ConnectionId = id;
        _pipe = pipe;
        Transport = pipe;
        ConnectionClosed = _closed.Token;
        Features.Set<IConnectionLifetimeFeature>(this);
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    /// <summary>Ends when the server has ended with the connection; its pipes are completed then.</summary>
    public Task Ended => _ended.Task;

    public override void Abort() => Abort(new ConnectionAbortedException());

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (_ended.Task.IsCompleted)
            return;
        try
        {
            _pipe.Input.CancelPendingRead();
            _pipe.Output.CancelPendingFlush();
            _closed.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended just now.
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_ended.TrySetResult())
        {
            await _pipe.Output.CompleteAsync();
            await _pipe.Input.CompleteAsync();
            await _closed.CancelAsync();
            _closed.Dispose();
        }

        await base.DisposeAsync();
    }
}
