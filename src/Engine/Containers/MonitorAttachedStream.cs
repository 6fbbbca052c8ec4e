using System.Buffers.Binary;
using Gantry.Engine.Logs;
using Gantry.Engine.Monitors;

namespace Gantry.Engine.Containers;

/// <summary>A monitor's stream, after what was logged before when that was asked for.</summary>
internal sealed class MonitorAttachedStream(bool terminal, MonitorStream? stream, IAsyncEnumerable<LogEntry>? past, Action<bool> onEnd) : AttachedStream
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
        return stream is null ? 0 : await stream.ReadAsync(buffer, cancellationToken);
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
