using System.Buffers;
using System.Text;
using Gantry.Kernel.Sys;

namespace Gantry.Archive;

/// <summary>Writes entries as bytes, for somebody who reads them with <see cref="ListingReader"/>.</summary>
/// <remarks>
/// Of each entry: the path, kind and permissions as one number, size, seconds and nanoseconds of its time, the link's name, how many
/// extended attributes it has, and of each name and value. Numbers have seven bits in a byte, the lowest first, negative seconds
/// as 64 bits; texts and values come after their length.
/// </remarks>
public sealed class ListingWriter(IBufferWriter<byte> target)
{
    private const int LongestNumber = 10;

    /// <summary>Adds an entry.</summary>
    public void Add(MirrorEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        Text(entry.Path);
        Number(entry.Kind | entry.Permissions);
        Number(entry.Kind == InodeStatus.KindRegular ? (ulong)entry.Size : 0);
        Number((ulong)entry.Modified.Seconds);
        Number((ulong)entry.Modified.Nanoseconds);
        Text(entry.LinkName);
        Number((ulong)entry.Xattrs.Count);
        foreach (var (name, value) in entry.Xattrs)
        {
            Text(name);
            Number((ulong)value.Length);
            target.Write(value);
        }
    }

    private void Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Number((ulong)length);
        target.Advance(Encoding.UTF8.GetBytes(text, target.GetSpan(length)));
    }

    private void Number(ulong number)
    {
        var span = target.GetSpan(LongestNumber);
        var count = 0;
        for (; number >= 0x80; number >>= 7)
            span[count++] = (byte)(number | 0x80);
        span[count++] = (byte)number;
        target.Advance(count);
    }
}
