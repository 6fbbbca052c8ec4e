using System.Buffers.Binary;
using System.Text;

namespace Gantry.Engine.Builds;

/// <summary>Reads the rows of a table of a SQLite file that nobody can be trusted to have written with SQLite.</summary>
/// <remarks>
/// Only what is needed to read such a file whole: tables with row ids, without the write-ahead log. Every number in the file may be a lie:
/// pages are visited once, and what lies outside of the file ends the reading.
/// Source: sqlite.org/fileformat2.html.
/// </remarks>
internal sealed class SqliteTable
{
    private const int HeaderBytes = 100;
    private const int MostRowBytes = 16 << 20;

    private readonly byte[] _file;
    private readonly int _pageBytes;
    private readonly int _usableBytes;
    private readonly HashSet<uint> _visited = [];

    private SqliteTable(byte[] file)
    {
        _file = file;
        var size = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(16));
        _pageBytes = size == 1 ? 65536 : size;
        _usableBytes = _pageBytes - file[20];
        if (_pageBytes < 512 || !int.IsPow2(_pageBytes) || _usableBytes < 480)
            throw new InvalidDataException("it has no size of pages");
    }

    /// <summary>The rows of a table: each a list of texts and blobs as bytes; null for all other values.</summary>
    /// <exception cref="InvalidDataException">It is no such file, or has no such table.</exception>
    public static IReadOnlyList<IReadOnlyList<byte[]?>> Read(byte[] file, string table)
    {
        if (file.Length < HeaderBytes || !file.AsSpan().StartsWith("SQLite format 3\0"u8))
            throw new InvalidDataException("it is no SQLite file");
        try
        {
            // type, name, tbl_name, rootpage, sql
            var schema = new SqliteTable(file).Rows(1);
            var row = schema.FirstOrDefault(r => r is [_, { } name, _, { }, ..] && Encoding.UTF8.GetString(name) == table) ?? throw new InvalidDataException($"it has no table {table}");
            return new SqliteTable(file).Rows((uint)NumberOf(row[3]!));
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("it is damaged", e);
        }
    }

    private static long NumberOf(ReadOnlySpan<byte> bytes)
    {
        long number = 0;
        foreach (var b in bytes)
            number = (number << 8) | b;
        return number;
    }

    private List<IReadOnlyList<byte[]?>> Rows(uint root)
    {
        var rows = new List<IReadOnlyList<byte[]?>>();
        var waiting = new Stack<uint>([root]);
        while (waiting.TryPop(out var number))
        {
            var page = Page(number);
            var header = page[(number == 1 ? HeaderBytes : 0)..];
            var cells = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
            var isLeaf = header[0] == 0x0D;
            if (!isLeaf && header[0] != 0x05)
                throw new InvalidDataException("a page is no table's");
            var pointers = header[(isLeaf ? 8 : 12)..];
            if (!isLeaf)
                waiting.Push(BinaryPrimitives.ReadUInt32BigEndian(header[8..]));
            // The last on the stack is the first to be read.
            for (var i = isLeaf ? 0 : cells - 1; isLeaf ? i < cells : i >= 0; i += isLeaf ? 1 : -1)
            {
                var cell = page[BinaryPrimitives.ReadUInt16BigEndian(pointers[(2 * i)..])..];
                if (isLeaf)
                    rows.Add(Row(cell));
                else
                    waiting.Push(BinaryPrimitives.ReadUInt32BigEndian(cell));
            }
        }

        return rows;
    }

    private ReadOnlySpan<byte> Page(uint number)
    {
        if (number == 0 || !_visited.Add(number))
            throw new InvalidDataException("its pages go in circles");
        return _file.AsSpan(checked((int)((number - 1) * (long)_pageBytes)), _pageBytes)[.._usableBytes];
    }

    private List<byte[]?> Row(ReadOnlySpan<byte> cell)
    {
        var length = Varint(ref cell);
        if (length is < 0 or > MostRowBytes)
            throw new InvalidDataException("a row is too large");
        Varint(ref cell);
        ReadOnlySpan<byte> record = Payload(cell, (int)length);
        var types = record;
        var headerBytes = (int)Varint(ref types);
        types = record[(record.Length - types.Length)..headerBytes];
        var values = record[headerBytes..];
        var row = new List<byte[]?>();
        while (!types.IsEmpty)
        {
            var type = Varint(ref types);
            var size = type switch { <= 4 => (int)type, 5 => 6, 6 or 7 => 8, < 12 => 0, _ => checked((int)((type - 12) / 2)) };
            row.Add(type is 0 ? null : type == 9 ? [1] : values[..size].ToArray());
            values = values[size..];
        }

        return row;
    }

    // What does not fit into its page goes on in a chain of others.
    private byte[] Payload(ReadOnlySpan<byte> cell, int length)
    {
        var most = _usableBytes - 35;
        if (length <= most)
            return cell[..length].ToArray();
        var least = ((_usableBytes - 12) * 32 / 255) - 23;
        var here = least + ((length - least) % (_usableBytes - 4));
        if (here > most)
            here = least;
        var payload = new byte[length];
        cell[..here].CopyTo(payload);
        var next = BinaryPrimitives.ReadUInt32BigEndian(cell[here..]);
        for (var at = here; at < length;)
        {
            var page = Page(next);
            next = BinaryPrimitives.ReadUInt32BigEndian(page);
            var piece = Math.Min(length - at, _usableBytes - 4);
            page.Slice(4, piece).CopyTo(payload.AsSpan(at));
            at += piece;
        }

        return payload;
    }

    private static long Varint(ref ReadOnlySpan<byte> bytes)
    {
        long value = 0;
        for (var i = 0; i < 9; i++)
        {
            var b = bytes[i];
            value = i == 8 ? (value << 8) | b : (value << 7) | (long)(b & 0x7F);
            if (i < 8 && (b & 0x80) != 0)
                continue;
            bytes = bytes[(i + 1)..];
            return value;
        }

        throw new InvalidDataException("a number does not end");
    }
}
