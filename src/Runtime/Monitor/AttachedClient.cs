using System.Buffers.Binary;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;

namespace Gantry.Runtime.Monitor;

/// <summary>One client attached to a process: output goes out framed (or raw from a terminal), what comes in is standard input.</summary>
/// <remarks>
/// A client that does not read holds output back once <see cref="HoldAt"/> bytes wait for it, as in Docker, but only while
/// it lives: <c>run image | less</c> must lose nothing, and a dead one must stop nobody.
/// </remarks>
internal sealed class AttachedClient
{
    /// <summary>So much may wait for a client, beyond the kernel's socket buffer (some 200 KiB), before output is held back.</summary>
    public const int HoldAt = 128 * 1024;

    /// <summary>Bytes of the frame's head: stream, three zeros, length.</summary>
    public const int FrameHeader = 8;

    private readonly Fd _socket;
    private readonly ProcessStreams _streams;
    private readonly EpollLoop _loop;
    private EpollSource? _source;
    private bool _parked;
    private readonly bool _framed;
    private byte[] _waiting = [];
    private int _start;
    private int _end;
    private bool _ending;
    private bool _inputEnded;

    public AttachedClient(EpollLoop loop, Fd socket, ProcessStreams streams, bool framed, bool stdin, bool stdout, bool stderr)
    {
        _loop = loop;
        _socket = socket;
        _streams = streams;
        _framed = framed;
        WantsStdin = stdin;
        WantsStdout = stdout;
        WantsStderr = stderr;
        _source = loop.Add(socket, Readiness.None, OnReady);
    }

    public bool WantsStdin { get; }

    public bool WantsStdout { get; }

    public bool WantsStderr { get; }

    /// <summary>Whether output must wait for this client.</summary>
    public bool IsBehind => _end - _start >= HoldAt;

    /// <summary>Whether the client can still get something.</summary>
    public bool IsOpen => !_socket.IsClosed;

    /// <summary>Sends output; what the kernel does not take at once waits.</summary>
    /// <param name="frame">Room for the head, then the bytes.</param>
    /// <param name="isStderr">Which stream they are from.</param>
    public void Send(Span<byte> frame, bool isStderr)
    {
        if (!IsOpen || _ending || !(isStderr ? WantsStderr : WantsStdout))
            return;
        if (_framed)
        {
            BinaryPrimitives.WriteUInt32BigEndian(frame, isStderr ? 0x0200_0000u : 0x0100_0000u);
            BinaryPrimitives.WriteInt32BigEndian(frame[4..], frame.Length - FrameHeader);
        }
        ReadOnlySpan<byte> bytes = _framed ? frame : frame[FrameHeader..];
        if (_start == _end)
        {
            var count = Sockets.TrySend(_socket, bytes);
            if (count < 0 && count != -Errno.EAGAIN)
            {
                Close();
                return;
            }
            bytes = bytes[Math.Max(count, 0)..];
        }
        if (bytes.Length > 0)
            Keep(bytes);
        UpdateInterest();
    }

    /// <summary>No more output will come: the connection ends when everything has been sent.</summary>
    public void End()
    {
        _ending = true;
        if (IsOpen && _start == _end)
            Close();
    }

    /// <summary>Whether input is wanted from the client now depends on whether the process takes it.</summary>
    public void UpdateInterest()
    {
        if (!IsOpen || (_parked && !_streams.TakesInput))
            return;
        _parked = false;
        _source ??= _loop.Add(_socket, Readiness.None, OnReady);
        var interest = Readiness.None;
        if (_start != _end)
            interest |= Readiness.Writable;
        if (!_inputEnded && (!WantsStdin || _streams.TakesInput))
            interest |= Readiness.Readable;
        _source.Interest = interest;
    }

    public void Close()
    {
        if (!IsOpen)
            return;
        Unwatch();
        _socket.Dispose();
        _waiting = [];
        _start = _end = 0;
        _streams.OnClosed(this);
    }

    private void OnReady(Readiness ready)
    {
        if ((ready & Readiness.Writable) != 0)
            SendWaiting();
        if (IsOpen && (ready & Readiness.Readable) != 0)
            ReceiveInput();
        if (IsOpen && (ready & (Readiness.HangUp | Readiness.Error)) != 0)
            OnHangUp();
        UpdateInterest();
    }

    /// <summary>Both directions are gone: nobody is there any more. But what was written before still is input.</summary>
    private void OnHangUp()
    {
        if (!_inputEnded && WantsStdin && !_streams.TakesInput)
        {
            // NOTE: epoll reports hang-ups always, so until the process reads on the socket must not be watched at all.
            _parked = true;
            Unwatch();
            return;
        }
        if (!_inputEnded)
            EndInput();
        Close();
    }

    private void Unwatch()
    {
        _source?.Remove();
        _source = null;
    }

    private void SendWaiting()
    {
        var count = Sockets.TrySend(_socket, _waiting.AsSpan(_start, _end - _start));
        if (count < 0)
        {
            if (count != -Errno.EAGAIN)
                Close();
            return;
        }
        var wasBehind = IsBehind;
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
            _waiting = [];
            if (_ending)
            {
                Close();
                return;
            }
        }
        if (wasBehind && !IsBehind)
            _streams.OnCaughtUp();
    }

    private void ReceiveInput()
    {
        var buffer = ProcessStreams.InputBuffer;
        while (IsOpen && (!WantsStdin || _streams.TakesInput))
        {
            var count = Sockets.TryReceive(_socket, buffer);
            if (count == -Errno.EAGAIN)
                return;
            if (count <= 0)
            {
                EndInput();
                return;
            }
            if (WantsStdin)
                _streams.WriteInput(buffer[..count]);
        }
    }

    private void EndInput()
    {
        _inputEnded = true;
        if (WantsStdin)
            _streams.OnInputEnded(this);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var count = _end - _start;
        if (_end + bytes.Length > _waiting.Length)
        {
            var room = count + bytes.Length <= _waiting.Length ? _waiting : new byte[Math.Max(count + bytes.Length, 2 * _waiting.Length)];
            _waiting.AsSpan(_start, count).CopyTo(room);
            _waiting = room;
            _start = 0;
            _end = count;
        }
        bytes.CopyTo(_waiting.AsSpan(_end));
        _end += bytes.Length;
    }
}
