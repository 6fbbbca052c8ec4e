using System.Text;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Archive;

/// <summary>Reads what <see cref="ListingWriter"/> wrote. It comes from a client and is not trusted; nor are the entries.</summary>
public ref struct ListingReader(ReadOnlySpan<byte> listing)
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = listing;

    /// <summary>The next entry; null: that was all.</summary>
    /// <exception cref="GantryException">Invalid: it is none.</exception>
    public MirrorEntry? Next()
    {
        if (_rest.IsEmpty)
            return null;
        var path = Text();
        var mode = Number();
        var size = Number();
        var seconds = Number();
        var nanoseconds = Number();
        var link = Text();
        var attributes = Number();
        if (mode > ushort.MaxValue || size > long.MaxValue || nanoseconds > 999_999_999 || attributes > int.MaxValue)
            throw Damaged();
        var entry = new MirrorEntry
        {
            Path = path,
            Kind = (uint)mode & InodeStatus.KindMask,
            Permissions = (uint)mode & 0xFFF,
            Size = (long)size,
            Modified = new((long)seconds, (long)nanoseconds),
            LinkName = link,
        };
        if (attributes == 0)
            return entry;
        var values = new Dictionary<string, byte[]>();
        for (var i = 0UL; i < attributes; i++)
            values[Text()] = Bytes().ToArray();
        return entry with { Xattrs = values };
    }

    private string Text()
    {
        var bytes = Bytes();
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Damaged();
        }
    }

    private ReadOnlySpan<byte> Bytes()
    {
        var length = Number();
        if (length > (ulong)_rest.Length)
            throw Damaged();
        var bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }

    private ulong Number()
    {
        var number = 0UL;
        for (var shift = 0; shift < 64 && !_rest.IsEmpty; shift += 7)
        {
            var digit = _rest[0];
            _rest = _rest[1..];
            number |= (ulong)(digit & 0x7F) << shift;
            if (digit < 0x80)
                return number;
        }

        throw Damaged();
    }

    private static GantryException Damaged() => GantryException.Of(ErrorKind.Invalid, "the listing of the client's directory is damaged: is the client of another version?");
}
