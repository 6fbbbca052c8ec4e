using Gantry.Kernel.Sys;

namespace Gantry.Archive;

/// <summary>Reads the fields of a 512-byte header block.</summary>
/// <remarks>Sources: POSIX pax, ustar interchange format; GNU tar manual, "Basic Tar Format". System.Formats.Tar was
/// considered: it cannot read GNU sparse files and decodes names to strings, which loses those that are not UTF-8.</remarks>
internal static class TarHeader
{
    public const int Block = 512;

    public static byte Type(ReadOnlySpan<byte> header) => header[156];

    public static bool IsUstar(ReadOnlySpan<byte> header) => header.Slice(257, 6).SequenceEqual("ustar\0"u8);

    public static bool IsGnu(ReadOnlySpan<byte> header) => header.Slice(257, 8).SequenceEqual("ustar  \0"u8);

    public static bool IsZero(ReadOnlySpan<byte> header) => header.IndexOfAnyExcept((byte)0) < 0;

    /// <summary>The checksum field counts as spaces; some old writers summed signed bytes.</summary>
    public static bool IsChecksumRight(ReadOnlySpan<byte> header)
    {
        long unsigned = 0;
        long signed = 0;
        for (var i = 0; i < Block; i++)
        {
            var value = i is >= 148 and < 156 ? (byte)' ' : header[i];
            unsigned += value;
            signed += (sbyte)value;
        }

        var expected = Number(header.Slice(148, 8));
        return expected == unsigned || expected == signed;
    }

    public static byte[] Name(ReadOnlySpan<byte> header)
    {
        var name = Text(header[..100]);
        if (!IsUstar(header))
            return name.ToArray();
        var prefix = Text(header.Slice(345, 155));
        return prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name];
    }

    public static byte[] LinkName(ReadOnlySpan<byte> header) => Text(header.Slice(157, 100)).ToArray();

    public static uint Mode(ReadOnlySpan<byte> header) => (uint)Number(header.Slice(100, 8)) & 0xFFF;

    public static long Uid(ReadOnlySpan<byte> header) => Number(header.Slice(108, 8));

    public static long Gid(ReadOnlySpan<byte> header) => Number(header.Slice(116, 8));

    public static long Size(ReadOnlySpan<byte> header) => Number(header.Slice(124, 12));

    public static FileTime Modified(ReadOnlySpan<byte> header) => new(Number(header.Slice(136, 12)), 0);

    public static uint DeviceMajor(ReadOnlySpan<byte> header) => (uint)Number(header.Slice(329, 8));

    public static uint DeviceMinor(ReadOnlySpan<byte> header) => (uint)Number(header.Slice(337, 8));

    /// <summary>A numeric field: octal text padded with spaces or NULs, or GNU's base 256.</summary>
    public static long Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            // Two's complement, big endian, with the mark bit replaced by the sign.
            var negative = (field[0] & 0x40) != 0;
            long value = negative ? -1 : 0;
            for (var i = 0; i < field.Length; i++)
            {
                var digit = i == 0 ? (byte)(negative ? field[0] | 0x80 : field[0] & 0x7F) : field[i];
                if (value > long.MaxValue >> 8 || value < long.MinValue >> 8)
                    throw TarErrors.Damaged("a number in a header is too large");
                value = (value << 8) | digit;
            }

            return value;
        }

        long octal = 0;
        var digits = field.Trim(" \0"u8);
        foreach (var c in digits)
        {
            if (c is 0)
                break;
            if (c is < (byte)'0' or > (byte)'7' || octal > long.MaxValue >> 3)
                throw TarErrors.Damaged("a number in a header is not octal");
            octal = (octal << 3) | (uint)(c - '0');
        }

        return octal;
    }

    /// <summary>Old GNU sparse: pairs of offset and length; returns how many bytes of the table were used up.</summary>
    public static void AddSparseRuns(ReadOnlySpan<byte> table, int pairs, List<SparseRun> runs)
    {
        for (var i = 0; i < pairs; i++)
        {
            var pair = table.Slice(i * 24, 24);
            if (pair[0] == 0)
                return;
            runs.Add(new(Number(pair[..12]), Number(pair[12..])));
        }
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}
