using System.Net.Sockets;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Monitors;

/// <summary>
/// One client's view of a container's (or an exec's) streams, alive from the moment it is made: make it when the client
/// attaches, hand it to <see cref="MonitorClient.AttachAsync"/> or <see cref="MonitorClient.ExecAsync"/> when there is
/// a monitor. What is written before is kept by the kernel.
/// </summary>
/// <remarks>
/// Reading gives Docker's framing (8-byte header [stream, 0, 0, 0, length BE32]), or plain bytes when there is a
/// terminal; end of stream when the process has ended or could not be started. Writing is plain standard input.
/// Disposing detaches. It is one end of a socket pair; the monitor gets the other.
/// </remarks>
public sealed class MonitorStream : ForwardStream
{
    private readonly Socket _socket;
    private readonly DetachKeys? _detachKeys;
    private Fd? _far;

    private MonitorStream(Socket socket, Fd far, DetachKeys? detachKeys)
    {
        _socket = socket;
        _far = far;
        _detachKeys = detachKeys;
    }

    /// <summary>Whether the detach keys have ended this stream.</summary>
    public bool Detached { get; private set; }

    public override bool CanWrite => true;

    /// <summary>Makes an unbound stream.</summary>
    /// <param name="detachKeys">The byte sequence that detaches when it is written (terminals only); empty: none.</param>
    public static MonitorStream Create(ReadOnlyMemory<byte> detachKeys = default)
    {
        var (near, far) = Sockets.OpenPair();
        return new MonitorStream(AsSocket(near), far, detachKeys.IsEmpty ? null : new DetachKeys(detachKeys));
    }

    /// <summary>Ends standard input; output goes on.</summary>
    public void CloseWrite()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The process has ended, or the client has detached: there is no input to end.
        }
    }

    /// <summary>Gives up on a stream that was never bound: its reader sees the end.</summary>
    public void Abandon() => Interlocked.Exchange(ref _far, null)?.Dispose();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _socket.ReceiveAsync(buffer, cancellationToken);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return 0; // the monitor is gone, or the client has detached
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Writes standard input. When the process has ended, it is dropped, as a closed terminal drops what is typed.</summary>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var detached = false;
        if (_detachKeys is not null)
        {
            var passed = new List<byte>(buffer.Length);
            detached = _detachKeys.Filter(buffer.Span, passed);
            buffer = passed.ToArray();
        }
        try
        {
            while (buffer.Length > 0)
                buffer = buffer[await _socket.SendAsync(buffer, cancellationToken)..];
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return;
        }
        if (detached)
        {
            Detached = true;
            Dispose();
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("read it asynchronously");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("write it asynchronously");

    /// <summary>The end for the monitor; the caller owns it. Once only.</summary>
    internal Fd TakeFarEnd() =>
        Interlocked.Exchange(ref _far, null) ?? throw GantryException.Of(ErrorKind.Conflict, "this stream is attached already, or has been given up");

    /// <summary>A descriptor as a socket of the platform, which owns it from here on.</summary>
    internal static Socket AsSocket(Fd fd)
    {
        var socket = new Socket(new SafeSocketHandle(fd.Number, ownsHandle: true));
        fd.SetHandleAsInvalid();
        return socket;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Abandon();
            _socket.Dispose();
        }
        base.Dispose(disposing);
    }
}
