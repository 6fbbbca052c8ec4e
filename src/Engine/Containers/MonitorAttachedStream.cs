using System.Buffers.Binary;
using Gantry.Engine.Logs;
using Gantry.Engine.Monitors;

namespace Gantry.Engine.Containers;

/// <summary>A monitor's stream, after what was logged before when that was asked for; at its end not before <c>ended</c> completes.</summary>
internal sealed class MonitorAttachedStream(bool terminal, MonitorStream? stream, IAsyncEnumerable<LogEntry>? past, Action<bool> onEnd, Task? ended = null) : AttachedStream
{
    private IAsyncEnumerator<LogEntry>? _past = past?.GetAsyncEnumerator();
    private ReadOnlyMemory<byte> _rest;
    private bool _disposed;

    public override bool Terminal { get; } = terminal;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (_rest.IsEmpty && _past is not null)
        {
            if (await _past.MoveNextAsync())
            {
                _rest = Frame(_past.Current);
                continue;
            }
            await _past.DisposeAsync();
            _past = null;
        }
        if (!_rest.IsEmpty)
        {
            var count = Math.Min(buffer.Length, _rest.Length);
            _rest[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }
        var read = stream is null ? 0 : await stream.ReadAsync(buffer, cancellationToken);
        // A client asks for the exit code as soon as the stream has ended: by then it must be known.
        if (read == 0 && ended is not null && stream?.Detached != true)
            await ended.WaitAsync(cancellationToken);
        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken) =>
        stream is null ? ValueTask.CompletedTask : stream.WriteAsync(buffer, cancellationToken);

    public override ValueTask CloseWriteAsync(CancellationToken cancellationToken)
    {
        stream?.CloseWrite();
        return ValueTask.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_past is not null)
            await _past.DisposeAsync();
        var detached = stream?.Detached == true;
        if (stream is not null)
            await stream.DisposeAsync();
        onEnd(detached);
    }

    private ReadOnlyMemory<byte> Frame(LogEntry entry)
    {
        if (Terminal)
            return entry.Line;
        var frame = new byte[8 + entry.Line.Length];
        frame[0] = entry.IsStderr ? (byte)2 : (byte)1;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), entry.Line.Length);
        entry.Line.Span.CopyTo(frame.AsSpan(8));
        return frame;
    }
}
