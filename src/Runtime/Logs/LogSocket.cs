using System.Diagnostics;
using System.Net;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Kernel.Tls;
using Gantry.Model;
using Gantry.Model.Monitor;

namespace Gantry.Runtime.Logs;

/// <summary>A connection to a log server that holds messages while that is slow, and comes back when it was away.</summary>
internal sealed class LogSocket : IDisposable
{
    private const int FirstConnectMs = 5000; // and how long a server may take to agree on TLS
    private const int ReconnectMs = 200; // the loop stands still meanwhile
    private const int RetryMs = 2000;
    private const int FlushMs = 1000;

    private readonly MonitorRemoteLog _target;
    private readonly EpollLoop _loop;
    private readonly TlsClient? _tls;
    private readonly Queue<byte[]> _waiting = new();
    private int _waitingBytes;
    private int _sent; // of the first waiting message
    private ILogLink? _link;
    private EpollSource? _source;
    private EpollTimer? _retry;
    private EpollTimer? _greeting;

    /// <exception cref="SyscallException">Nobody listens there.</exception>
    /// <exception cref="GantryException">TLS cannot be spoken there, or not with these files.</exception>
    public LogSocket(MonitorRemoteLog target, EpollLoop loop)
    {
        _target = target;
        _loop = loop;
        if (target.Tls is { } tls)
            _tls = TlsClient.Open(new TlsClientOptions { AuthorityFile = tls.AuthorityFile, CertificateFile = tls.CertificateFile, KeyFile = tls.KeyFile, SkipVerify = tls.SkipVerify });
        try
        {
            _link = Link(FirstConnectMs, connection => connection.Handshake(FirstConnectMs));
            Watch();
        }
        catch
        {
            _tls?.Dispose();
            throw;
        }
    }

    /// <summary>Called when what was behind no longer is.</summary>
    public Action? CaughtUp { get; set; }

    /// <summary>Whether more waits than may. A server that is away holds nobody up: then messages are dropped.</summary>
    public bool IsBehind => _link is { IsReady: true } && !_target.DropWhenFull && _waitingBytes > _target.BufferBytes;

    /// <summary>Sends a message, or keeps it until the server takes it.</summary>
    public void Send(ReadOnlySpan<byte> message)
    {
        if (_link is not null && _waiting.Count == 0)
        {
            var count = _link.TrySend(message);
            if (count == message.Length)
                return;
            if (count < 0 && count != -Errno.EAGAIN)
                Lost(-count);
            else if (count > 0)
                _sent = count;
        }
        if (_waitingBytes > _target.BufferBytes && (_target.DropWhenFull || _link is not { IsReady: true }))
            return;
        _waiting.Enqueue(message.ToArray());
        _waitingBytes += message.Length;
        Watch();
    }

    /// <summary>Sends what waits, for a second at most: the container has ended.</summary>
    public void Flush()
    {
        var clock = Stopwatch.StartNew();
        while (_link is { } link && _waiting.Count > 0 && clock.ElapsedMilliseconds < FlushMs)
        {
            if (link.Wait(FlushMs))
                SendWaiting();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _retry?.Cancel();
        Disconnect();
        _tls?.Dispose();
    }

    private bool IsDatagram => _target.Protocol is "udp" or "unixgram" or "journal";

    private Fd Connect(int timeoutMs) => _target.Protocol is "tcp" or "udp"
        ? Connections.Connect(_target.Protocol == "tcp", IPAddress.Parse(_target.Address), _target.Port, timeoutMs)
        : Connections.Connect(_target.Address, IsDatagram);

    private ILogLink Link(int timeoutMs, Action<TlsConnection> agree)
    {
        var socket = Connect(timeoutMs);
        if (_tls is null)
            return new PlainLink(socket);
        TlsConnection? connection = null;
        try
        {
            connection = _tls.Connect(socket, _target.Tls!.Host);
            agree(connection);
            return new TlsLink(socket, connection);
        }
        catch
        {
            connection?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    private void Watch()
    {
        if (_link is null)
            return;
        var interest = _link.Interest(_waiting.Count > 0);
        if (interest == Readiness.None)
        {
            _source?.Remove();
            _source = null;
        }
        else if (_source is null)
        {
            _source = _loop.Add(_link.Socket, interest, OnReady);
        }
        else
        {
            _source.Interest = interest;
        }
    }

    private void OnReady(Readiness ready)
    {
        if (_link!.TryDrain() is var result && result < 0)
            Lost(-result);
        else
            SendWaiting();
    }

    private void SendWaiting()
    {
        var wasBehind = IsBehind;
        while (_link is { } link && _waiting.TryPeek(out var message))
        {
            var count = link.TrySend(message.AsSpan(_sent));
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
        Watch();
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
            _link = Link(ReconnectMs, _ => _greeting = _loop.Schedule(FirstConnectMs, EndSilence));
            OnReady(Readiness.None); // begins what the loop sees through
        }
        catch (Exception error) when (error is SyscallException or GantryException)
        {
            _retry = _loop.Schedule(RetryMs, Reconnect);
        }
    }

    private void EndSilence()
    {
        _greeting = null;
        if (_link is { IsReady: false })
            Lost(Errno.ETIMEDOUT);
    }

    private void Disconnect()
    {
        var wasBehind = IsBehind;
        _greeting?.Cancel();
        _greeting = null;
        _source?.Remove();
        _source = null;
        _link?.Dispose();
        _link = null;
        if (wasBehind)
            CaughtUp?.Invoke();
    }
}
