using Gantry.Kernel.Sys;
using Microsoft.Win32.SafeHandles;

namespace Gantry.Engine.Logs;

/// <summary>One open file of a log, read line by line from a position; knows itself again after it was renamed.</summary>
internal sealed class LogFile : IDisposable
{
    private const int Block = 64 * 1024;
    private const int MaxLine = 1 << 20; // a piece has at most 16 KiB, six times as much when escaped, and the attributes

    private readonly SafeFileHandle _handle;
    private byte[] _buffer = new byte[Block];
    private int _start;
    private int _end;
    private long _position;
    private bool _skipping;

    private LogFile(SafeFileHandle handle, ulong inode)
    {
        _handle = handle;
        Inode = inode;
    }

    public ulong Inode { get; }

    /// <summary>Opens a file; null when it is not there.</summary>
    public static LogFile? Find(string path)
    {
        try
        {
            // Removing and renaming by the writer must not wait for readers.
            var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new LogFile(handle, Files.Status(null, $"/proc/self/fd/{handle.DangerousGetHandle()}").Inode);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The number of the file that has this name now; 0 when there is none.</summary>
    public static ulong InodeOf(string path) => Files.TryStatus(null, path, 0, out var status) == 0 ? status.Inode : 0;

    /// <summary>Goes back from the end so far that this many lines follow.</summary>
    /// <param name="lines">How many are wanted.</param>
    /// <returns>How many there are, at most as many as wanted.</returns>
    public int SeekBack(int lines)
    {
        var length = RandomAccess.GetLength(_handle);
        var found = 0;
        var at = length;
        _start = _end = 0;
        while (at > 0)
        {
            var size = (int)Math.Min(Block, at);
            at -= size;
            var block = _buffer.AsSpan(0, RandomAccess.Read(_handle, _buffer.AsSpan(0, size), at));
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

    /// <summary>The time of the first line; null when there is none yet.</summary>
    public DateTimeOffset? FirstTime() => TimeAt(0, isLineStart: true);

    /// <summary>Goes to shortly before the first line of this time or a later one: by halves, so that little of what is before is read.</summary>
    public void SeekTime(DateTimeOffset since)
    {
        long low = 0, high = RandomAccess.GetLength(_handle);
        while (high - low > Block)
        {
            var middle = low + ((high - low) / 2);
            if (TimeAt(middle, isLineStart: false) < since)
                low = middle;
            else
                high = middle;
        }
        // The pieces of a long line bear the time of its begin, so times may go back a little.
        _position = Math.Max(0, low - MaxLine);
        _start = _end = 0;
        _skipping = _position > 0;
    }

    /// <summary>Goes to the end.</summary>
    public void SeekEnd()
    {
        _start = _end = 0;
        _position = RandomAccess.GetLength(_handle);
    }

    /// <summary>The next complete line, valid until the next call; empty when there is none yet.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> NextLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var line = _buffer.AsMemory(_start, newline);
                _start += newline + 1;
                if (!_skipping && newline > 0)
                    return line;
                _skipping = false;
                continue;
            }
            if (!await FillAsync(cancellationToken))
                return default;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>The time of the line that begins here, or of the first that begins after here; null when there is none nearby.</summary>
    private DateTimeOffset? TimeAt(long offset, bool isLineStart)
    {
        var buffer = new byte[4 * Block];
        var text = buffer.AsSpan(0, RandomAccess.Read(_handle, buffer, offset));
        if (!isLineStart)
            text = text[(text.IndexOf((byte)'\n') + 1)..];
        var end = text.IndexOf((byte)'\n');
        return end > 0 ? LogLineReader.Find(text[..end])?.Time : null;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_end - _start > MaxLine)
        {
            _skipping = true; // no line of ours: memory is bounded whatever is in the file
            _start = _end = 0;
        }
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        var count = await RandomAccess.ReadAsync(_handle, _buffer.AsMemory(_end), _position, cancellationToken);
        if (count == 0)
        {
            if (RandomAccess.GetLength(_handle) >= _position)
                return false;
            _position = 0; // the writer has emptied it (one file only)
            _start = _end = 0;
            return RandomAccess.GetLength(_handle) > 0;
        }
        _position += count;
        _end += count;
        return true;
    }
}
