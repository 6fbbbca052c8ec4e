using System.Text;

namespace Gantry.Archive;

/// <summary>
/// Writes a tar archive forward, once: POSIX ustar, with pax records for whatever does not fit into its fields (long or
/// non-ASCII names, large numbers, nanoseconds, extended attributes) and for sparse files.
/// </summary>
/// <remarks>
/// An entry is begun with <see cref="Begin"/>; a file's content follows in pieces, exactly as many bytes as announced;
/// <see cref="Finish"/> ends the archive. One thread. Content is read straight into the writer's buffer
/// (<see cref="Free"/>, <see cref="Advance"/>), so that a byte of a large file is copied once.
/// Sources: POSIX pax, ustar interchange format; GNU tar manual, "Storing Sparse Files", format 1.0.
/// </remarks>
public sealed class TarWriter
{
    /// <summary>Large enough that the target's cost for each write does not count, small enough to stay in the processor's cache.</summary>
    public const int DefaultBufferBytes = 512 << 10;

    private readonly Stream _target;
    private readonly byte[] _buffer;
    private int _used;
    private long _contentLeft;
    private int _padding;

    /// <summary>Writes to a stream, which stays the caller's.</summary>
    public TarWriter(Stream target, int bufferBytes = DefaultBufferBytes)
    {
        _target = target;
        _buffer = new byte[Math.Max(bufferBytes, TarHeader.Block * 8)];
    }

    /// <summary>Bytes written so far, headers and padding included.</summary>
    public long Written { get; private set; }

    /// <summary>Begins an entry. A file's <see cref="TarEntry.StoredSize"/> bytes of content must follow.</summary>
    /// <exception cref="InvalidOperationException">The entry before it lacks content.</exception>
    public void Begin(TarEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        EndContent();
        var map = entry.Sparse is { } runs ? SparseMap(runs) : [];
        var size = entry.Kind == TarEntryKind.File ? map.Length + entry.StoredSize : 0;
        var header = new PaxHeader();
        var block = (stackalloc byte[TarHeader.Block]);
        block.Clear();
        TarFields.Fill(block, entry, size, header);
        if (!header.IsEmpty)
            WriteExtension(entry, header);
        Put(block);
        _contentLeft = size;
        _padding = (int)(-size & (TarHeader.Block - 1));
        if (map.Length > 0)
            Content(map);
    }

    /// <summary>The next piece of the entry's content.</summary>
    public void Content(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            var free = Free();
            var length = Math.Min(free.Length, piece.Length);
            piece[..length].CopyTo(free);
            Advance(length);
            piece = piece[length..];
        }
    }

    /// <summary>Where the next bytes of content go: never more than the entry still lacks, never empty while it lacks any.</summary>
    public Span<byte> Free()
    {
        if (_used == _buffer.Length)
            Flush();
        return _buffer.AsSpan(_used, (int)Math.Min(_buffer.Length - _used, _contentLeft));
    }

    /// <summary>Tells that so many bytes of <see cref="Free"/> were filled.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _contentLeft);
        _used += count;
        Written += count;
        _contentLeft -= count;
    }

    /// <summary>Ends the archive with its two empty blocks, and hands everything to the target.</summary>
    public void Finish()
    {
        EndContent();
        Put(new byte[2 * TarHeader.Block]);
        Flush();
    }

    private static byte[] SparseMap(List<SparseRun> runs)
    {
        var text = new StringBuilder().Append(runs.Count).Append('\n');
        foreach (var run in runs)
            text.Append(run.Offset).Append('\n').Append(run.Length).Append('\n');
        var padding = -text.Length & (TarHeader.Block - 1);
        return Encoding.ASCII.GetBytes(text.Append('\0', padding).ToString());
    }

    private void WriteExtension(TarEntry entry, PaxHeader records)
    {
        var content = records.ToArray();
        var block = (stackalloc byte[TarHeader.Block]);
        block.Clear();
        TarFields.FillExtension(block, entry, content.Length);
        Put(block);
        Put(content);
        Put(new byte[-content.Length & (TarHeader.Block - 1)]);
    }

    private void EndContent()
    {
        if (_contentLeft > 0)
            throw new InvalidOperationException($"{_contentLeft} bytes of the entry's content are missing");
        Span<byte> zeros = stackalloc byte[TarHeader.Block];
        zeros.Clear();
        Put(zeros[.._padding]);
        _padding = 0;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        Written += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_used == _buffer.Length)
                Flush();
            var length = Math.Min(_buffer.Length - _used, bytes.Length);
            bytes[..length].CopyTo(_buffer.AsSpan(_used));
            _used += length;
            bytes = bytes[length..];
        }
    }

    private void Flush()
    {
        var used = _used;
        _used = 0;
        _target.Write(_buffer, 0, used);
    }
}
