using Gantry.Kernel.Sys;
using Microsoft.Win32.SafeHandles;

namespace Gantry.Engine.Logs;

/// <summary>One open file of a log, read line by line from a position; knows itself again after it was renamed or compressed.</summary>
internal abstract class LogFile : IDisposable
{
    private protected const int Block = 64 * 1024;
    private protected const int MaxLine = 1 << 20; // a piece has at most 16 KiB, six times as much when escaped, and the attributes
    private const int FirstLook = 4 * 1024;

    private byte[] _buffer = new byte[Block];
    private int _start;
    private int _end;
    private DateTimeOffset? _firstTime;

    private protected LogFile(SafeFileHandle handle)
    {
        Handle = handle;
        Inode = Files.Status(null, $"/proc/self/fd/{handle.DangerousGetHandle()}").Inode;
    }

    public ulong Inode { get; }

    /// <summary>The time of the first line; null when there is none yet.</summary>
    public DateTimeOffset? FirstTime => _firstTime ??= FindFirstTime();

    private protected SafeFileHandle Handle { get; }

    /// <summary>How many lines that come next are not wanted.</summary>
    private protected int Skip { get; set; }

    /// <summary>Opens a file of this name, compressed or not; null when there is neither.</summary>
    public static LogFile? Find(string path) =>
        // In this order: the compressed one is there before the other goes.
        Open(path) is { } plain ? new PlainLogFile(plain) : Open(path + ".gz") is { } packed ? new PackedLogFile(packed) : null;

    /// <summary>The number of the file that has this name now; 0 when there is none.</summary>
    public static ulong InodeOf(string path) => Files.TryStatus(null, path, 0, out var status) == 0 ? status.Inode : 0;

    /// <summary>Whether two have the same lines: no two files of a log begin at the same time.</summary>
    public bool IsSameAs(LogFile other) => Inode == other.Inode || (FirstTime is { } time && time == other.FirstTime);

    /// <summary>Goes to where this many lines follow.</summary>
    /// <param name="lines">How many are wanted.</param>
    /// <returns>How many there are, at most as many as wanted.</returns>
    public abstract int SeekBack(int lines);

    /// <summary>Goes to shortly before the first line of this time or a later one.</summary>
    public abstract void SeekTime(DateTimeOffset since);

    /// <summary>Goes to the end.</summary>
    public abstract void SeekEnd();

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
                if (Skip == 0 && newline > 0)
                    return line;
                Skip = Math.Max(0, Skip - 1);
                continue;
            }
            if (!await FillAsync(cancellationToken))
                return default;
        }
    }

    /// <inheritdoc/>
    public virtual void Dispose() => Handle.Dispose();

    /// <summary>The next bytes; 0: there are none yet.</summary>
    private protected abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>The first bytes, wherever the reading is.</summary>
    private protected abstract int ReadHead(Span<byte> buffer);

    /// <summary>Forgets what was read ahead: the position is another.</summary>
    private protected void Empty() => _start = _end = 0;

    private static SafeFileHandle? Open(string path)
    {
        try
        {
            // Removing and renaming by the writer must not wait for readers.
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private DateTimeOffset? FindFirstTime()
    {
        foreach (var size in (int[])[FirstLook, 4 * Block])
        {
            var buffer = new byte[size];
            var text = buffer.AsSpan(0, ReadHead(buffer));
            if (text.IndexOf((byte)'\n') is > 0 and var end)
                return LogLineReader.Find(text[..end])?.Time;
        }
        return null;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_end - _start > MaxLine)
        {
            Skip = Math.Max(1, Skip); // no line of ours: memory is bounded whatever is in the file
            Empty();
        }
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        var count = await ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += count;
        return count > 0;
    }
}
