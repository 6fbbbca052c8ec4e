using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Gantry.Api.Server;

/// <summary>A connection that a handler can take away from the HTTP server, in both directions.</summary>
/// <remarks>
/// <para>Kestrel's own upgrade does not fit Docker's: it refuses requests that have a body (<c>exec start</c> has one), it cannot answer 200
/// with a raw stream, and it aborts the connection when the client closes its sending half, which is how clients end standard input.</para>
/// <para>Kestrel sees this object in place of the socket's. Until <see cref="Take"/> it changes nothing. From then on what Kestrel writes is
/// dropped, its aborts are ignored, and the end of the client's half is not reported to it.</para>
/// </remarks>
internal sealed class HijackableConnection : ConnectionContext, IConnectionLifetimeFeature, IDisposable
{
    private readonly ConnectionContext _inner;
    private readonly Func<Socket, ReadOnlyMemory<byte>, int>? _sendApart;
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly Gate _gate;
    private volatile bool _taken;

    /// <param name="inner">The socket's connection.</param>
    /// <param name="sendApart">See <see cref="ApiListener.SendApart"/>.</param>
    public HijackableConnection(ConnectionContext inner, Func<Socket, ReadOnlyMemory<byte>, int>? sendApart = null)
    {
        _inner = inner;
        _sendApart = sendApart;
        _gate = new Gate(inner.Transport.Output, this);
        Transport = new Pair(inner.Transport.Input, _gate);
        ConnectionClosed = _closed.Token;
        _registration = inner.ConnectionClosed.UnsafeRegister(static self => ((HijackableConnection)self!).InnerClosed(), this);
        inner.Features.Set(this);
        // Kestrel asks this feature, not the connection, whether the client is gone.
        inner.Features.Set<IConnectionLifetimeFeature>(this);
    }

    public override string ConnectionId { get => _inner.ConnectionId; set => _inner.ConnectionId = value; }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items { get => _inner.Items; set => _inner.Items = value; }

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get => _inner.LocalEndPoint; set => _inner.LocalEndPoint = value; }

    public override EndPoint? RemoteEndPoint { get => _inner.RemoteEndPoint; set => _inner.RemoteEndPoint = value; }

    /// <summary>Takes the connection. The request's body must have been read; the caller writes the answer and completes the output.</summary>
    public IDuplexPipe Take()
    {
        _taken = true;
        return _inner.Transport;
    }

    /// <summary>Sends the first bytes of a taken connection so that the client's reads end with them; false, and nothing sent, where that cannot be done.</summary>
    /// <remarks>It goes past the pipe, which is empty: the answer before this one has been read by the client that sent this request.</remarks>
    public async ValueTask<bool> TrySendApartAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_sendApart is null || _inner.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
            return false;
        var sent = _sendApart(socket, bytes);
        if (sent <= 0)
            return false;
        if (sent < bytes.Length)
            await _inner.Transport.Output.WriteAsync(bytes[sent..]);
        return true;
    }

    public override void Abort() => Abort(new ConnectionAbortedException());

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (!_taken)
            _inner.Abort(abortReason);
    }

    public void Dispose()
    {
        _registration.Dispose();
        _closed.Dispose();
    }

    private void InnerClosed()
    {
        if (!_taken)
            _closed.Cancel();
    }

    private sealed record Pair(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Passes on what is written until the connection is taken, and then drops it.</summary>
    private sealed class Gate(PipeWriter inner, HijackableConnection owner) : PipeWriter
    {
        private byte[] _dropped = [];

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => owner._taken ? 0 : inner.UnflushedBytes;

        public override void Advance(int bytes)
        {
            if (!owner._taken)
                inner.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => owner._taken ? Dropped(sizeHint) : inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void CancelPendingFlush()
        {
            if (!owner._taken)
                inner.CancelPendingFlush();
        }

        public override void Complete(Exception? exception = null)
        {
            if (!owner._taken)
                inner.Complete(exception);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            owner._taken ? default : inner.FlushAsync(cancellationToken);

        private byte[] Dropped(int sizeHint)
        {
            if (_dropped.Length < Math.Max(sizeHint, 256))
                _dropped = new byte[Math.Max(sizeHint, 4096)];
            return _dropped;
        }
    }
}
