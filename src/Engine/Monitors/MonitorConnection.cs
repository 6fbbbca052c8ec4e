using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Sockets;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Monitors;

/// <summary>Frames to and from one monitor: requests with their answers, and events. Safe for several threads.</summary>
internal sealed class MonitorConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Action<MonitorMessageKind, ReadOnlyMemory<byte>> _onEvent;
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<ReadOnlyMemory<byte>>> _pending = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Task _receiving;
    private uint _request;
    private volatile bool _lost;

    /// <param name="socket">The connection; owned from here on.</param>
    /// <param name="onEvent">Called for each event, one after another; must not block.</param>
    public MonitorConnection(Fd socket, Action<MonitorMessageKind, ReadOnlyMemory<byte>> onEvent)
    {
        _socket = MonitorStream.AsSocket(socket);
        _onEvent = onEvent;
        _receiving = ReceiveAsync();
    }

    /// <summary>Completes when the monitor has gone, or this end has been disposed.</summary>
    public Task Ended => _receiving;

    /// <summary>Asks and waits for the answer.</summary>
    /// <param name="kind">What is asked.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="fds">Descriptors to send along; the caller keeps its own.</param>
    /// <param name="cancellationToken">Stops waiting; the monitor still does what it was asked.</param>
    /// <exception cref="GantryException">What the monitor answered; Unavailable: it is gone.</exception>
    public async Task<ReadOnlyMemory<byte>> AskAsync(MonitorMessageKind kind, ReadOnlyMemory<byte> payload, IReadOnlyList<Fd> fds, CancellationToken cancellationToken)
    {
        var request = Interlocked.Increment(ref _request);
        var answer = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[request] = answer;
        try
        {
            await SendAsync(new MonitorFrame(kind, payload.Length, fds.Count, request), payload, fds, cancellationToken);
            if (_lost)
                throw Gone();
            return await answer.Task.WaitAsync(cancellationToken);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            throw Gone();
        }
        finally
        {
            _pending.TryRemove(request, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _receiving;
    }

    private static GantryException Gone() => GantryException.Of(ErrorKind.Unavailable, "the container's monitor is gone: it was killed, or has ended");

    private async Task SendAsync(MonitorFrame frame, ReadOnlyMemory<byte> payload, IReadOnlyList<Fd> fds, CancellationToken cancellationToken)
    {
        var length = MonitorFrame.HeaderLength + payload.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            frame.Write(rented);
            payload.CopyTo(rented.AsMemory(MonitorFrame.HeaderLength));
            ReadOnlyMemory<byte> bytes = rented.AsMemory(0, length);
            if (fds.Count > 0)
                bytes = bytes[await SendFirstAsync(bytes, [.. fds])..];
            // NOTE: a frame that has begun must be finished, or the connection is of no use any more: no cancellation here.
            while (bytes.Length > 0)
                bytes = bytes[await _socket.SendAsync(bytes, CancellationToken.None)..];
        }
        finally
        {
            _sending.Release();
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // The platform's sockets cannot send descriptors: the kernel's call does, on a duplicate.
    private async Task<int> SendFirstAsync(ReadOnlyMemory<byte> bytes, Fd[] fds)
    {
        using var socket = Files.Duplicate((int)_socket.Handle);
        while (true)
        {
            var count = Sockets.TrySend(socket, bytes.Span, fds);
            if (count >= 0)
                return count;
            if (count != -Errno.EAGAIN)
                throw Gone();
            await ReadinessThread.Shared.WaitWritableAsync(socket, CancellationToken.None);
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[512];
        var count = 0;
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(count));
                if (received == 0)
                    return;
                count += received;
                var taken = 0;
                while (count - taken >= MonitorFrame.HeaderLength)
                {
                    var frame = MonitorFrame.Read(buffer.AsSpan(taken));
                    var length = MonitorFrame.HeaderLength + frame.PayloadLength;
                    if (buffer.Length < length)
                        Array.Resize(ref buffer, length);
                    if (count - taken < length)
                        break;
                    Take(frame, buffer.AsSpan(taken + MonitorFrame.HeaderLength, frame.PayloadLength));
                    taken += length;
                }
                buffer.AsSpan(taken, count - taken).CopyTo(buffer);
                count -= taken;
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or GantryException)
        {
            // Gone, disposed, or not speaking our protocol: in each case this connection is over.
        }
        finally
        {
            _lost = true;
            foreach (var (_, answer) in _pending)
                answer.TrySetException(Gone());
        }
    }

    private void Take(MonitorFrame frame, ReadOnlySpan<byte> payload)
    {
        if (frame.Request == 0)
        {
            _onEvent(frame.Kind, payload.ToArray());
        }
        else if (_pending.TryGetValue(frame.Request, out var answer))
        {
            if (frame.Kind == MonitorMessageKind.Ok)
                answer.TrySetResult(payload.ToArray());
            else
                answer.TrySetException(MonitorAnswers.ReadFailed(payload));
        }
    }
}
