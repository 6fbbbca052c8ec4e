using System.Buffers;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Runtime.Logs;

namespace Gantry.Runtime.Monitor;

/// <summary>Writes a container's output to its log, and rotates it. A full disk costs lines, never the container.</summary>
public sealed class ContainerLog : IContainerLog
{
    private const uint Mode = 0x1A0; // 0640, as dockerd
    private const int FlushAt = 64 * 1024;
    private const int KeepBuffer = 256 * 1024;

    private readonly MonitorLogOptions _options;
    private readonly TimeProvider _time;
    private readonly JsonLogEncoder _encoder;
    private readonly LineSplitter _stdout = new();
    private readonly LineSplitter _stderr = new();
    private readonly LineSplitter.Sink _takeStdout;
    private readonly LineSplitter.Sink _takeStderr;
    private readonly Func<long> _now;
    private readonly LogRotation _rotation;
    private ArrayBufferWriter<byte> _buffer = new(4096);
    private Fd _file;
    private long _size;
    private long _lastTime;
    private bool _full;

    private ContainerLog(MonitorLogOptions options, TimeProvider time, Fd file, long size)
    {
        _options = options;
        _time = time;
        _rotation = new LogRotation(options);
        _encoder = new JsonLogEncoder(options.Attributes);
        _file = file;
        _size = size;
        _full = IsFull(size);
        _takeStdout = (line, at) => Take(line, at, isStderr: false);
        _takeStderr = (line, at) => Take(line, at, isStderr: true);
        _now = NextTime;
    }

    /// <summary>Opens a log to append to; makes the file.</summary>
    /// <exception cref="GantryException">The file cannot be opened: its directory is missing, or the file system is read-only.</exception>
    public static ContainerLog Open(MonitorLogOptions options, TimeProvider time)
    {
        try
        {
            var file = OpenFile(options.Path, truncate: false);
            return new ContainerLog(options, time, file, (long)Files.Status(file).Size);
        }
        catch (SyscallException error)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"the container's log \"{options.Path}\" cannot be opened: {error.Message}; check the data root's file system", cause: error);
        }
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes, bool isStderr)
    {
        if (isStderr)
            _stderr.Split(bytes, _now, _takeStderr);
        else
            _stdout.Split(bytes, _now, _takeStdout);
        Flush();
    }

    /// <inheritdoc/>
    public void Finish()
    {
        _stdout.Finish(_now, _takeStdout);
        _stderr.Finish(_now, _takeStderr);
        Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _rotation.Dispose();
    }

    private void Take(ReadOnlySpan<byte> line, long time, bool isStderr)
    {
        if (_full)
            Rotate();
        _encoder.Encode(_buffer, line, isStderr, time);
        if (IsFull(_size + _buffer.WrittenCount))
        {
            Flush();
            _full = true;
        }
        else if (_buffer.WrittenCount >= FlushAt)
        {
            Flush();
        }
    }

    private bool IsFull(long size) => _options.MaxSizeBytes > 0 && size >= _options.MaxSizeBytes;

    // No two lines have the same time, so that a reader can go on after the last one it has seen; they differ by as much as .NET's times can.
    private long NextTime()
    {
        var now = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        return _lastTime = Math.Max(now, _lastTime + 100);
    }

    private void Flush()
    {
        var bytes = _buffer.WrittenSpan;
        while (bytes.Length > 0)
        {
            var count = Files.TryWrite(_file, bytes);
            if (count < 0)
            {
                // ENOSPC, EDQUOT, EIO: these lines are lost. What was written of them is cut off, so that the log stays readable.
                Durable.TryTruncate(_file, _size);
                _buffer.ResetWrittenCount();
                return;
            }
            bytes = bytes[count..];
        }
        _size += _buffer.WrittenCount;
        if (_buffer.Capacity > KeepBuffer)
            _buffer = new ArrayBufferWriter<byte>(4096);
        else
            _buffer.ResetWrittenCount();
    }

    // With one file it is emptied.
    private void Rotate()
    {
        Flush();
        _full = false;
        _rotation.MakeRoom();
        try
        {
            var next = OpenFile(_options.Path, truncate: _options.MaxFiles <= 1);
            _file.Dispose();
            _file = next;
            _size = 0;
            _rotation.CompressLast();
        }
        catch (SyscallException)
        {
            // The old file goes on, under whatever name it has; the next line tries again.
            _full = true;
        }
    }

    private static Fd OpenFile(string path, bool truncate) =>
        Files.Open(path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_APPEND | OpenFlags.O_NOFOLLOW | (truncate ? OpenFlags.O_TRUNC : 0), Mode);
}
