using System.Diagnostics;
using System.Net;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model.Monitor;

namespace Gantry.Runtime.Logs;

/// <summary>A connection to a log server that holds messages while that is slow, and comes back when it was away.</summary>
internal sealed class LogSocket : IDisposable
{
    private const int FirstConnectMs = 5000;
    private const int ReconnectMs = 200; // the loop stands still meanwhile
    private const int RetryMs = 2000;
    private const int FlushMs = 1000;

    private readonly MonitorRemoteLog _target;
    private readonly EpollLoop _loop;
    private readonly Queue<byte[]> _waiting = new();
    private int _waitingBytes;
    private int _sent; // of the first waiting message
    private Fd? _socket;
    private EpollSource? _source;
    private EpollTimer? _retry;

    /// <exception cref="SyscallException">Nobody listens there.</exception>
    public LogSocket(MonitorRemoteLog target, EpollLoop loop)
    {
        _target = target;
        _loop = loop;
        _socket = Connect(FirstConnectMs);
    }

    /// <summary>Called when what was behind no longer is.</summary>
    public Action? CaughtUp { get; set; }

    /// <summary>Whether more waits than may. A server that is away holds nobody up: then messages are dropped.</summary>
    public bool IsBehind => _socket is not null && !_target.DropWhenFull && _waitingBytes > _target.BufferBytes;

    /// <summary>Sends a message, or keeps it until the server takes it.</summary>
    public void Send(ReadOnlySpan<byte> message)
    {
        if (_socket is not null && _waiting.Count == 0)
        {
            var count = Sockets.TrySend(_socket, message);
            if (count == message.Length)
                return;
            if (count < 0 && count != -Errno.EAGAIN)
                Lost(-count);
            else if (count > 0)
                _sent = count;
        }
        if (_waitingBytes > _target.BufferBytes && (_target.DropWhenFull || _socket is null))
            return;
        _waiting.Enqueue(message.ToArray());
        _waitingBytes += message.Length;
        Watch();
    }

    /// <summary>Sends what waits, for a second at most: the container has ended.</summary>
    public void Flush()
    {
        var clock = Stopwatch.StartNew();
        while (_socket is { } socket && _waiting.Count > 0 && clock.ElapsedMilliseconds < FlushMs)
        {
            if (Connections.WaitWritable(socket, FlushMs))
                SendWaiting();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _retry?.Cancel();
        Disconnect();
    }

    private bool IsDatagram => _target.Protocol is "udp" or "unixgram" or "journal";

    private Fd Connect(int timeoutMs) => _target.Protocol is "tcp" or "udp"
        ? Connections.Connect(_target.Protocol == "tcp", IPAddress.Parse(_target.Address), _target.Port, timeoutMs)
        : Connections.Connect(_target.Address, IsDatagram);

    private void Watch()
    {
        if (_socket is not null && _waiting.Count > 0)
            _source ??= _loop.Add(_socket, Readiness.Writable, _ => SendWaiting());
    }

    private void SendWaiting()
    {
        var wasBehind = IsBehind;
        while (_socket is { } socket && _waiting.TryPeek(out var message))
        {
            var count = Sockets.TrySend(socket, message.AsSpan(_sent));
            if (count == -Errno.EAGAIN)
                break;
            if (count < 0)
            {
                Lost(-count);
                break;
            }
            _sent += count;
            if (_sent < message.Length)
                continue;
            _waiting.Dequeue();
            _waitingBytes -= message.Length;
            _sent = 0;
        }
        if (_waiting.Count == 0)
        {
            _source?.Remove();
            _source = null;
        }
        if (wasBehind && !IsBehind)
            CaughtUp?.Invoke();
    }

    private void Lost(int errno)
    {
        // What a datagram meets need not meet the next: too long for the socket, or nobody there just now.
        if (IsDatagram && errno is Errno.EMSGSIZE or Errno.ENOBUFS || (_target.Protocol == "udp" && errno == Errno.ECONNREFUSED))
        {
            if (_waiting.TryDequeue(out var refused))
                _waitingBytes -= refused.Length;
            return;
        }
        Disconnect();
        _sent = 0;
        _retry ??= _loop.Schedule(RetryMs, Reconnect);
    }

    private void Reconnect()
    {
        _retry = null;
        try
        {
            _socket = Connect(ReconnectMs);
            Watch();
        }
        catch (SyscallException)
        {
            _retry = _loop.Schedule(RetryMs, Reconnect);
        }
    }

    private void Disconnect()
    {
        var wasBehind = IsBehind;
        _source?.Remove();
        _source = null;
        _socket?.Dispose();
        _socket = null;
        if (wasBehind)
            CaughtUp?.Invoke();
    }
}
