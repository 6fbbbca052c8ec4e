using Microsoft.Win32.SafeHandles;

namespace Gantry.Engine.Logs;

/// <summary>A file of a log as it was written, perhaps still being written.</summary>
internal sealed class PlainLogFile(SafeFileHandle handle) : LogFile(handle)
{
    private long _position;

    /// <inheritdoc/>
    public override int SeekBack(int lines)
    {
        var buffer = new byte[Block];
        var length = RandomAccess.GetLength(Handle);
        var found = 0;
        var at = length;
        Empty();
        while (at > 0)
        {
            var size = (int)Math.Min(Block, at);
            at -= size;
            var block = buffer.AsSpan(0, RandomAccess.Read(Handle, buffer.AsSpan(0, size), at));
            for (var newline = block.LastIndexOf((byte)'\n'); newline >= 0; newline = block[..newline].LastIndexOf((byte)'\n'))
            {
                // The newline before the wanted lines; the file's last one ends a line and begins none.
                if (at + newline + 1 < length && ++found == lines)
                {
                    _position = at + newline + 1;
                    return lines;
                }
            }
        }
        _position = 0;
        return length > 0 ? found + 1 : 0;
    }

    /// <summary>By halves, so that little of what is before is read.</summary>
    public override void SeekTime(DateTimeOffset since)
    {
        long low = 0, high = RandomAccess.GetLength(Handle);
        while (high - low > Block)
        {
            var middle = low + ((high - low) / 2);
            if (TimeAfter(middle) < since)
                low = middle;
            else
                high = middle;
        }
        // The pieces of a long line bear the time of its begin, so times may go back a little.
        _position = Math.Max(0, low - MaxLine);
        Empty();
        Skip = _position > 0 ? 1 : 0;
    }

    /// <inheritdoc/>
    public override void SeekEnd()
    {
        Empty();
        _position = RandomAccess.GetLength(Handle);
    }

    private protected override int ReadHead(Span<byte> buffer) => RandomAccess.Read(Handle, buffer, 0);

    private protected override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await RandomAccess.ReadAsync(Handle, buffer, _position, cancellationToken);
        if (count == 0 && RandomAccess.GetLength(Handle) < _position)
        {
            _position = 0; // the writer has emptied it (one file only)
            count = await RandomAccess.ReadAsync(Handle, buffer, _position, cancellationToken);
        }
        _position += count;
        return count;
    }

    /// <summary>The time of the first line that begins after here; null when there is none nearby.</summary>
    private DateTimeOffset? TimeAfter(long offset)
    {
        var buffer = new byte[4 * Block];
        var text = buffer.AsSpan(0, RandomAccess.Read(Handle, buffer, offset));
        text = text[(text.IndexOf((byte)'\n') + 1)..];
        var end = text.IndexOf((byte)'\n');
        return end > 0 ? LogLineReader.Find(text[..end])?.Time : null;
    }
}
