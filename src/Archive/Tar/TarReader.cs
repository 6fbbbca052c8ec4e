namespace Gantry.Archive;

/// <summary>
/// Reads a tar archive forward, once: POSIX ustar and pax, GNU long names and sparse files, V7. Archives come from
/// strangers: every length is bounded, nothing is trusted.
/// </summary>
public sealed class TarReader : IDisposable
{
    // Real headers have a few hundred bytes; xattrs can make them longer.
    private const long LargestExtension = 1 << 20;
    private const int MostSparseRuns = 1 << 20;

    private readonly Stream _source;
    private readonly byte[] _buffer;
    private int _start;
    private int _end;
    private long _contentLeft;
    private int _padding;
    private bool _ended;

    /// <summary>Reads from a stream of an uncompressed archive; the stream stays the caller's.</summary>
    /// <param name="bufferBytes">How much is read at a time; at least one block.</param>
    public TarReader(Stream source, int bufferBytes = 256 << 10)
    {
        _source = source;
        _buffer = new byte[Math.Max(bufferBytes, TarHeader.Block * 2)];
    }

    /// <summary>The next entry; null at the end of the archive. What was not read of the last one is skipped.</summary>
    /// <exception cref="Gantry.Model.GantryException">Invalid: damaged, truncated, or an entry of an unknown kind.</exception>
    public TarEntry? Next()
    {
        if (_ended)
            return null;
        SkipContent();
        byte[]? longName = null;
        byte[]? longLink = null;
        PaxRecords? pax = null;
        while (true)
        {
            var header = Header();
            if (header.IsEmpty)
                return null;
            var type = TarHeader.Type(header);
            switch (type)
            {
                case (byte)'x':
                case (byte)'X':
                    (pax ??= new()).Add(Extension(header));
                    break;
                case (byte)'g':
                    // Global records set no attribute that layers rely on; Docker ignores them too.
                    _ = Extension(header);
                    break;
                case (byte)'L':
                    longName = TrimNul(Extension(header));
                    break;
                case (byte)'K':
                    longLink = TrimNul(Extension(header));
                    break;
                default:
                    return Entry(header, type, longName, longLink, pax);
            }
        }
    }

    /// <summary>The next piece of the entry's content, valid until the next call; empty at its end.</summary>
    public ReadOnlySpan<byte> ReadContent()
    {
        if (_contentLeft == 0)
            return default;
        if (_start == _end && !Fill(1))
            throw TarErrors.Truncated();
        var length = (int)Math.Min(_end - _start, _contentLeft);
        var piece = _buffer.AsSpan(_start, length);
        _start += length;
        _contentLeft -= length;
        return piece;
    }

    /// <summary>Reads what follows the archive's end, so that a digest covers it.</summary>
    public void Drain()
    {
        _start = _end = 0;
        while (_source.Read(_buffer) > 0)
        {
        }
    }

    /// <summary>A stream of the current entry's content; valid until <see cref="Next"/>.</summary>
    public Stream OpenContent() => new TarContent(this);

    /// <inheritdoc/>
    public void Dispose() => _ended = true;

    private static byte[] TrimNul(byte[] name)
    {
        var end = Array.IndexOf(name, (byte)0);
        return end < 0 ? name : name[..end];
    }

    private TarEntry Entry(ReadOnlySpan<byte> header, byte type, byte[]? longName, byte[]? longLink, PaxRecords? pax)
    {
        var entry = new TarEntry
        {
            Name = longName ?? TarHeader.Name(header),
            LinkName = longLink ?? TarHeader.LinkName(header),
            Mode = TarHeader.Mode(header),
            Modified = TarHeader.Modified(header),
        };
        var uid = TarHeader.Uid(header);
        var gid = TarHeader.Gid(header);
        var size = TarHeader.Size(header);
        pax?.ApplyTo(entry, ref uid, ref gid, ref size);
        if (size < 0)
            throw TarErrors.Refused(entry.Name, "its size is negative");
        // 0xFFFFFFFF would tell chown(2) to leave the owner alone.
        if (uid is < 0 or >= uint.MaxValue || gid is < 0 or >= uint.MaxValue)
            throw TarErrors.Refused(entry.Name, "its owner is not a user or group id");
        entry.Uid = (uint)uid;
        entry.Gid = (uint)gid;
        entry.Kind = Kind(type, entry);
        if (entry.Kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice)
        {
            entry.DeviceMajor = TarHeader.DeviceMajor(header);
            entry.DeviceMinor = TarHeader.DeviceMinor(header);
        }

        if (entry.Name.Length == 0)
            throw TarErrors.Refused(entry.Name, "it has no name");
        // Only files have content, whatever the size field of others says.
        entry.Size = entry.StoredSize = entry.Kind == TarEntryKind.File ? size : 0;
        (List<SparseRun> Runs, long Size)? oldSparse = type == (byte)'S' ? OldSparse(header) : null;
        _contentLeft = entry.StoredSize;
        _padding = Padding(entry.StoredSize);
        if (entry.Kind == TarEntryKind.File)
            ApplySparse(entry, oldSparse, pax);
        return entry;
    }

    private static TarEntryKind Kind(byte type, TarEntry entry) => type switch
    {
        // V7 archives mark directories by a slash only.
        (byte)'0' or 0 or (byte)'7' => entry.Name.Length > 0 && entry.Name[^1] == '/' ? TarEntryKind.Directory : TarEntryKind.File,
        (byte)'1' => TarEntryKind.HardLink,
        (byte)'2' => TarEntryKind.Symlink,
        (byte)'3' => TarEntryKind.CharacterDevice,
        (byte)'4' => TarEntryKind.BlockDevice,
        (byte)'5' => TarEntryKind.Directory,
        (byte)'6' => TarEntryKind.Fifo,
        (byte)'S' => TarEntryKind.File,
        _ => throw TarErrors.Refused(entry.Name, $"entries of type {type} are not supported"),
    };

    private void ApplySparse(TarEntry entry, (List<SparseRun> Runs, long Size)? old, PaxRecords? pax)
    {
        var sparse = old ?? pax?.Sparse();
        if (sparse is null)
            return;
        var (runs, size) = sparse.Value;
        if (old is null && pax!.SparseMapInContent)
            runs = SparseMapOfContent(entry);
        long at = 0;
        long stored = 0;
        foreach (var run in runs)
        {
            if (run.Offset < at || run.Length < 0 || run.Offset > size - run.Length)
                throw TarErrors.Refused(entry.Name, "its sparse map is out of order or out of its size");
            at = run.Offset + run.Length;
            stored += run.Length;
        }

        if (stored != _contentLeft)
            throw TarErrors.Refused(entry.Name, "its sparse map does not match its content");
        entry.Sparse = runs;
        entry.Size = size;
        entry.StoredSize = stored;
    }

    // Format 1.0: decimal numbers, one a line, padded to a block: how many runs, then offset and length of each.
    private List<SparseRun> SparseMapOfContent(TarEntry entry)
    {
        long read = 0;
        long Line()
        {
            long value = 0;
            for (var digits = 0; ; digits++)
            {
                if (read == entry.StoredSize || digits > 19)
                    throw TarErrors.Refused(entry.Name, "its sparse map is malformed");
                var c = Byte();
                read++;
                if (c == '\n')
                    return value;
                if (c is < (byte)'0' or > (byte)'9' || value > long.MaxValue / 10 - 1)
                    throw TarErrors.Refused(entry.Name, "its sparse map is malformed");
                value = (value * 10) + (c - '0');
            }
        }

        var count = Line();
        if (count > MostSparseRuns)
            throw TarErrors.Refused(entry.Name, "its sparse map is too long");
        var runs = new List<SparseRun>();
        for (long i = 0; i < count; i++)
            runs.Add(new(Line(), Line()));
        for (var pad = Padding(read); pad > 0; pad--)
        {
            if (_contentLeft == 0)
                throw TarErrors.Refused(entry.Name, "its sparse map is malformed");
            _ = Byte();
        }

        return runs;
    }

    private byte Byte()
    {
        if (_start == _end && !Fill(1))
            throw TarErrors.Truncated();
        _contentLeft--;
        return _buffer[_start++];
    }

    // Old GNU sparse: four runs in the header, then blocks of 21 each.
    private (List<SparseRun> Runs, long Size) OldSparse(ReadOnlySpan<byte> header)
    {
        var runs = new List<SparseRun>();
        TarHeader.AddSparseRuns(header.Slice(386, 96), 4, runs);
        var more = header[482] != 0;
        var size = TarHeader.Number(header.Slice(483, 12));
        while (more)
        {
            if (!Fill(TarHeader.Block))
                throw TarErrors.Truncated();
            var block = _buffer.AsSpan(_start, TarHeader.Block);
            TarHeader.AddSparseRuns(block, 21, runs);
            more = block[504] != 0;
            _start += TarHeader.Block;
            if (runs.Count > MostSparseRuns)
                throw TarErrors.Damaged("a sparse map is too long");
        }

        return (runs, size);
    }

    // The next header block, checked; empty at the end of the archive.
    private ReadOnlySpan<byte> Header()
    {
        // An archive without its two zero blocks is accepted when it ends between entries, as everybody does.
        if (!Fill(TarHeader.Block))
        {
            _ended = true;
            return _end == _start ? default : throw TarErrors.Truncated();
        }

        var header = _buffer.AsSpan(_start, TarHeader.Block);
        if (TarHeader.IsZero(header))
        {
            _ended = true;
            return default;
        }

        if (!TarHeader.IsChecksumRight(header))
            throw TarErrors.Damaged("a header's checksum is wrong");
        _start += TarHeader.Block;
        // NOTE: a copy, because reading an extension's content moves the buffer.
        return header.ToArray();
    }

    private byte[] Extension(ReadOnlySpan<byte> header)
    {
        var size = TarHeader.Size(header);
        if (size is < 0 or > LargestExtension)
            throw TarErrors.Damaged($"an extension header of {size} bytes is larger than {LargestExtension}");
        var content = new byte[size];
        _contentLeft = size;
        _padding = Padding(size);
        var at = 0;
        for (var piece = ReadContent(); !piece.IsEmpty; piece = ReadContent())
        {
            piece.CopyTo(content.AsSpan(at));
            at += piece.Length;
        }

        SkipContent();
        return content;
    }

    private static int Padding(long size) => (int)(-size & (TarHeader.Block - 1));

    private void SkipContent()
    {
        while (!ReadContent().IsEmpty)
        {
        }

        if (_padding > 0)
        {
            if (!Fill(_padding))
                throw TarErrors.Truncated();
            _start += _padding;
            _padding = 0;
        }
    }

    // Makes at least so many bytes be in the buffer; false when the source ends before.
    private bool Fill(int count)
    {
        if (_end - _start >= count)
            return true;
        if (_buffer.Length - _start < count || _start == _end)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        while (_end - _start < count)
        {
            var read = _source.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }
}
