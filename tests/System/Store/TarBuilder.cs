using System.Globalization;
using System.Text;

namespace Gantry.Tests.System.Store;

/// <summary>Writes tar archives byte by byte, also such as no honest tool would write.</summary>
public sealed class TarBuilder
{
    private readonly MemoryStream _bytes = new();

    public TarBuilder File(string name, string content, int mode = 0x1A4, int uid = 0, int gid = 0, params (string Key, string Value)[] pax) =>
        Add(name, '0', Encoding.UTF8.GetBytes(content), mode: mode, uid: uid, gid: gid, pax: pax);

    public TarBuilder Directory(string name, int mode = 0x1ED, int uid = 0, int gid = 0, params (string Key, string Value)[] pax) => Add(name, '5', [], mode: mode, uid: uid, gid: gid, pax: pax);

    public TarBuilder Symlink(string name, string target) => Add(name, '2', [], target);

    public TarBuilder HardLink(string name, string target) => Add(name, '1', [], target);

    public TarBuilder Device(string name, int major, int minor, char type = '3') => Add(name, type, [], major: major, minor: minor);

    public TarBuilder Fifo(string name) => Add(name, '6', []);

    public TarBuilder Add(string name, char type, byte[] content, string link = "", int mode = 0x1A4, long uid = 0, long gid = 0, int major = 0, int minor = 0, long? size = null, params (string Key, string Value)[] pax)
    {
        if (pax is { Length: > 0 })
            Add("pax", 'x', Encoding.UTF8.GetBytes(string.Concat(pax.Select(Record))));
        var header = new byte[512];
        void Text(int at, int length, string text) => Encoding.Latin1.GetBytes(text.Length > length ? text[..length] : text).CopyTo(header, at);
        void Octal(int at, int length, long value) => Text(at, length, Convert.ToString(value, 8).PadLeft(length - 1, '0'));
        Text(0, 100, name);
        Octal(100, 8, mode);
        Octal(108, 8, uid);
        Octal(116, 8, gid);
        Octal(124, 12, size ?? content.Length);
        Octal(136, 12, 1_700_000_000);
        header[156] = (byte)type;
        Text(157, 100, link);
        Text(257, 8, "ustar\000");
        header[263] = header[264] = (byte)'0';
        Octal(329, 8, major);
        Octal(337, 8, minor);
        header.AsSpan(148, 8).Fill((byte)' ');
        Octal(148, 7, header.Sum(b => b));
        _bytes.Write(header);
        _bytes.Write(content);
        _bytes.Write(new byte[-content.Length & 511]);
        return this;
    }

    public byte[] Build() => [.. _bytes.ToArray(), .. new byte[1024]];

    private static string Record((string Key, string Value) pair)
    {
        var rest = $" {pair.Key}={pair.Value}\n";
        var bytes = Encoding.UTF8.GetByteCount(rest);
        var length = bytes + bytes.ToString(CultureInfo.InvariantCulture).Length;
        if (length.ToString(CultureInfo.InvariantCulture).Length > bytes.ToString(CultureInfo.InvariantCulture).Length)
            length = bytes + length.ToString(CultureInfo.InvariantCulture).Length;
        return length.ToString(CultureInfo.InvariantCulture) + rest;
    }
}
