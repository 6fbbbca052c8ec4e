using System.Globalization;
using System.Text;
using Gantry.Kernel.Sys;

namespace Gantry.Archive;

/// <summary>Fills header blocks; what has no room in its field goes into pax records, and as much as fits into the field.</summary>
/// <remarks>Source: POSIX pax, ustar interchange format.</remarks>
internal static class TarFields
{
    private const int NameBytes = 100;
    private const int PrefixBytes = 155;

    /// <summary>Fills a cleared block with an entry.</summary>
    /// <param name="size">Bytes that follow in the archive, a sparse map included.</param>
    /// <param name="pax">Gets the records that the entry needs.</param>
    public static void Fill(Span<byte> block, TarEntry entry, long size, PaxHeader pax)
    {
        if (entry.Sparse is not null)
            FillSparseName(block, entry, pax);
        else
            FillName(block, entry.Name, pax);
        if (entry.LinkName.Length > NameBytes || !IsAscii(entry.LinkName))
            pax.Add("linkpath", entry.LinkName);
        Text(block.Slice(157, NameBytes), entry.LinkName);
        Octal(block.Slice(100, 8), entry.Mode);
        Number(block.Slice(108, 8), entry.Uid, "uid", pax);
        Number(block.Slice(116, 8), entry.Gid, "gid", pax);
        Number(block.Slice(124, 12), size, "size", pax);
        Time(block.Slice(136, 12), entry.Modified, pax);
        block[156] = TypeOf(entry.Kind);
        if (entry.Kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice)
        {
            Octal(block.Slice(329, 8), entry.DeviceMajor);
            Octal(block.Slice(337, 8), entry.DeviceMinor);
        }

        foreach (var (key, value) in entry.Xattrs ?? [])
            pax.Add("SCHILY.xattr." + key, value);
        Seal(block);
    }

    /// <summary>Fills a cleared block as the header of an entry's pax records.</summary>
    public static void FillExtension(Span<byte> block, TarEntry entry, int size)
    {
        // Readers that know no pax unpack it as a file: a name that tells what it belongs to.
        var name = entry.Name.AsSpan().TrimEnd((byte)'/');
        Text(block[..NameBytes], [.. "PaxHeaders.0/"u8, .. name[(name.LastIndexOf((byte)'/') + 1)..]]);
        Octal(block.Slice(100, 8), 0x1A4);
        Octal(block.Slice(108, 8), 0);
        Octal(block.Slice(116, 8), 0);
        Octal(block.Slice(124, 12), size);
        Octal(block.Slice(136, 12), 0);
        block[156] = (byte)'x';
        Seal(block);
    }

    // GNU's format 1.0: readers that know no sparse files find the map and the stretches under another name.
    private static void FillSparseName(Span<byte> block, TarEntry entry, PaxHeader pax)
    {
        pax.Add("GNU.sparse.major", 1);
        pax.Add("GNU.sparse.minor", 0);
        pax.Add("GNU.sparse.name", entry.Name);
        pax.Add("GNU.sparse.realsize", entry.Size);
        Text(block[..NameBytes], [.. "GNUSparseFile.0/"u8, .. entry.Name.AsSpan(entry.Name.AsSpan().LastIndexOf((byte)'/') + 1)]);
    }

    private static void FillName(Span<byte> block, byte[] name, PaxHeader pax)
    {
        if (IsAscii(name) && name.Length <= NameBytes)
        {
            Text(block[..NameBytes], name);
            return;
        }

        if (IsAscii(name) && Split(name) is { } slash)
        {
            Text(block.Slice(345, PrefixBytes), name.AsSpan(..slash));
            Text(block[..NameBytes], name.AsSpan(slash + 1));
            return;
        }

        pax.Add("path", name);
        Text(block[..NameBytes], name);
    }

    // Where a long name can be cut into prefix and name; a directory's last slash is no place for it.
    private static int? Split(ReadOnlySpan<byte> name)
    {
        if (name.Length > PrefixBytes + 1 + NameBytes)
            return null;
        var slash = name[..Math.Min(name.Length - 1, PrefixBytes + 1)].LastIndexOf((byte)'/');
        return slash > 0 && name.Length - slash - 1 <= NameBytes ? slash : null;
    }

    private static bool IsAscii(ReadOnlySpan<byte> name) => Ascii.IsValid(name);

    private static byte TypeOf(TarEntryKind kind) => kind switch
    {
        TarEntryKind.HardLink => (byte)'1',
        TarEntryKind.Symlink => (byte)'2',
        TarEntryKind.CharacterDevice => (byte)'3',
        TarEntryKind.BlockDevice => (byte)'4',
        TarEntryKind.Directory => (byte)'5',
        TarEntryKind.Fifo => (byte)'6',
        _ => (byte)'0',
    };

    private static void Text(Span<byte> field, ReadOnlySpan<byte> text) => text[..Math.Min(field.Length, text.Length)].CopyTo(field);

    private static void Number(Span<byte> field, long value, string key, PaxHeader pax)
    {
        var largest = (1L << (3 * (field.Length - 1))) - 1;
        if (value > largest)
            pax.Add(key, value);
        Octal(field, Math.Min(value, largest));
    }

    private static void Time(Span<byte> field, FileTime time, PaxHeader pax)
    {
        var largest = (1L << 33) - 1;
        if (time.Nanoseconds != 0 || time.Seconds < 0 || time.Seconds > largest)
            pax.Add("mtime", Encoding.ASCII.GetBytes(Decimal(time)));
        Octal(field, Math.Clamp(time.Seconds, 0, largest));
    }

    // Seconds before 1970 count down, their fraction counts up: -0.25 is second -1 and 750 million nanoseconds.
    private static string Decimal(FileTime time)
    {
        var (sign, seconds, nanoseconds) = time.Seconds < 0 && time.Nanoseconds > 0
            ? ("-", -(time.Seconds + 1), 1_000_000_000 - time.Nanoseconds)
            : (time.Seconds < 0 ? "-" : "", Math.Abs(time.Seconds), time.Nanoseconds);
        var whole = sign + seconds.ToString(CultureInfo.InvariantCulture);
        return nanoseconds == 0 ? whole : $"{whole}.{nanoseconds.ToString("d9", CultureInfo.InvariantCulture).TrimEnd('0')}";
    }

    private static void Octal(Span<byte> field, long value)
    {
        for (var i = field.Length - 2; i >= 0; i--)
        {
            field[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }
    }

    private static void Seal(Span<byte> block)
    {
        "ustar\0"u8.CopyTo(block[257..]);
        "00"u8.CopyTo(block[263..]);
        block.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in block)
            sum += value;
        Octal(block.Slice(148, 7), sum);
        block[154] = 0;
        block[155] = (byte)' ';
    }
}
