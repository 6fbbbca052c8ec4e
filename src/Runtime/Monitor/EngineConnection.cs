using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;

namespace Gantry.Runtime.Monitor;

/// <summary>One connected engine: frames in, frames out.</summary>
internal sealed class EngineConnection
{
    private const int IdleBuffer = 1024;
    private const int MaxWaiting = 1 << 20;

    private readonly Fd _socket;
    private readonly EpollSource _source;
    private readonly FrameHandler _onFrame;
    private readonly Action<EngineConnection> _onClosed;
    private readonly List<Fd> _fds = [];
    private byte[] _buffer = new byte[IdleBuffer];
    private int _count;
    private byte[] _waiting = [];

    public delegate void FrameHandler(EngineConnection from, MonitorFrame frame, ReadOnlySpan<byte> payload, List<Fd> fds);

    public EngineConnection(EpollLoop loop, Fd socket, FrameHandler onFrame, Action<EngineConnection> onClosed)
    {
        _socket = socket;
        _onFrame = onFrame;
        _onClosed = onClosed;
        _source = loop.Add(socket, Readiness.Readable, OnReady);
    }

    public bool IsOpen => !_socket.IsClosed;

    /// <summary>Sends a frame; an engine that reads nothing for a megabyte is cut off.</summary>
    public void Send(MonitorMessageKind kind, uint request, ReadOnlySpan<byte> payload)
    {
        if (!IsOpen)
            return;
        var bytes = new byte[MonitorFrame.HeaderLength + payload.Length];
        new MonitorFrame(kind, payload.Length, 0, request).Write(bytes);
        payload.CopyTo(bytes.AsSpan(MonitorFrame.HeaderLength));
        if (_waiting.Length > 0)
        {
            _waiting = [.. _waiting, .. bytes];
            if (_waiting.Length > MaxWaiting)
                Close();
            return;
        }
        TrySend(bytes);
    }

    public void Close()
    {
        if (!IsOpen)
            return;
        _source.Remove();
        _socket.Dispose();
        foreach (var fd in _fds)
            fd.Dispose();
        _fds.Clear();
        _onClosed(this);
    }

    private void OnReady(Readiness ready)
    {
        if ((ready & Readiness.Writable) != 0)
            TrySend(_waiting);
        if (IsOpen && (ready & Readiness.Readable) != 0)
            Receive();
        else if (IsOpen && (ready & (Readiness.HangUp | Readiness.Error)) != 0)
            Close();
    }

    private void TrySend(byte[] bytes)
    {
        var count = Sockets.TrySend(_socket, bytes);
        if (count < 0 && count != -Errno.EAGAIN)
        {
            Close();
            return;
        }
        _waiting = bytes[Math.Max(count, 0)..];
        _source.Interest = _waiting.Length > 0 ? Readiness.Readable | Readiness.Writable : Readiness.Readable;
    }

    private void Receive()
    {
        while (IsOpen)
        {
            var count = Sockets.TryReceive(_socket, _buffer.AsSpan(_count), _fds);
            if (count == -Errno.EAGAIN)
                return;
            if (count <= 0)
            {
                Close();
                return;
            }
            _count += count;
            try
            {
                TakeFrames();
            }
            catch (GantryException error)
            {
                MonitorProcess.Report($"an engine was cut off: {error.Message}");
                Close();
            }
        }
    }

    private void TakeFrames()
    {
        while (IsOpen && _count >= MonitorFrame.HeaderLength)
        {
            var frame = MonitorFrame.Read(_buffer);
            var length = MonitorFrame.HeaderLength + frame.PayloadLength;
            if (_count < length)
            {
                if (_buffer.Length < length)
                    Array.Resize(ref _buffer, length);
                return;
            }
            if (_fds.Count < frame.FdCount)
                throw GantryException.Of(ErrorKind.Invalid, $"a message announced {frame.FdCount} descriptors and brought {_fds.Count}");
            var fds = _fds.GetRange(0, frame.FdCount);
            _fds.RemoveRange(0, frame.FdCount);
            _onFrame(this, frame, _buffer.AsSpan(MonitorFrame.HeaderLength, frame.PayloadLength), fds);
            _count -= length;
            var rest = _buffer.AsSpan(length, Math.Max(_count, 0));
            if (_buffer.Length > IdleBuffer && rest.Length <= IdleBuffer)
            {
                var idle = new byte[IdleBuffer];
                rest.CopyTo(idle);
                _buffer = idle;
            }
            else
            {
                rest.CopyTo(_buffer);
            }
        }
    }
}
