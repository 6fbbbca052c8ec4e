using System.Buffers;
using Gantry.Archive;
using Gantry.Model;

namespace Gantry.Store;

/// <summary>
/// Reads another stream on a thread of its own, some buffers ahead: decompression on one core, hashing and writing on
/// another. One reader. Disposing waits until the thread has let go of the source.
/// </summary>
internal sealed class ReadAheadStream : ForwardStream
{
    private const int BufferBytes = 512 << 10;
    private const int MostBuffers = 4;

    private readonly Stream _source;
    private readonly Func<long, bool> _allowed;
    private readonly Thread _thread;
    private readonly object _lock = new();
    private readonly Queue<(byte[] Buffer, int Length)> _filled = new();
    private byte[]? _current;
    private int _at;
    private int _length;
    private bool _ended;
    private bool _stopped;
    private Exception? _failure;

    /// <summary>Starts to read.</summary>
    /// <param name="allowed">Is told how many bytes have come so far; false stops the reading with an error.</param>
    public ReadAheadStream(Stream source, Func<long, bool> allowed)
    {
        _source = source;
        _allowed = allowed;
        _thread = new(Run) { Name = "layer inflate", IsBackground = true };
        _thread.Start();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_at == _length && !Next())
            return 0;
        var length = Math.Min(buffer.Length, _length - _at);
        _current.AsSpan(_at, length).CopyTo(buffer);
        _at += length;
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_stopped)
        {
            lock (_lock)
            {
                _stopped = true;
                Monitor.PulseAll(_lock);
            }

            _thread.Join();
            if (_current is not null)
                ArrayPool<byte>.Shared.Return(_current);
            while (_filled.TryDequeue(out var left))
                ArrayPool<byte>.Shared.Return(left.Buffer);
        }

        base.Dispose(disposing);
    }

    private bool Next()
    {
        if (_current is not null)
            ArrayPool<byte>.Shared.Return(_current);
        _current = null;
        _at = _length = 0;
        lock (_lock)
        {
            while (_filled.Count == 0 && !_ended)
                Monitor.Wait(_lock);
            if (_filled.TryDequeue(out var filled))
            {
                (_current, _length) = filled;
                Monitor.PulseAll(_lock);
                return true;
            }

            if (_failure is not null)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
            return false;
        }
    }

    private void Run()
    {
        try
        {
            long total = 0;
            while (true)
            {
                var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
                int length;
                try
                {
                    length = _source.ReadAtLeast(buffer, BufferBytes, throwOnEndOfStream: false);
                }
                catch
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    throw;
                }

                total += length;
                if (!_allowed(total))
                    throw TarErrors.Damaged("it expands to more than a thousand times its size, as only an attack does");
                if (!Enqueue(buffer, length))
                    return;
            }
        }
#pragma warning disable CA1031 // Carried over to the reader, whatever it is.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (_lock)
            {
                _failure = e;
                _ended = true;
                Monitor.PulseAll(_lock);
            }
        }
    }

    private bool Enqueue(byte[] buffer, int length)
    {
        lock (_lock)
        {
            while (_filled.Count >= MostBuffers && !_stopped)
                Monitor.Wait(_lock);
            if (length > 0 && !_stopped)
            {
                _filled.Enqueue((buffer, length));
            }
            else
            {
                ArrayPool<byte>.Shared.Return(buffer);
                _ended = true;
            }

            Monitor.PulseAll(_lock);
            return !_ended;
        }
    }
}
