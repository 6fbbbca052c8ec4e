using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gantry.Archive;

/// <summary>The records of a pax header that is to be written: <c>LENGTH KEY=VALUE\n</c>, where the length counts itself.</summary>
internal sealed class PaxHeader
{
    private readonly ArrayBufferWriter<byte> _content = new();

    public bool IsEmpty => _content.WrittenCount == 0;

    public void Add(string key, long value) => Add(key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));

    public void Add(string key, ReadOnlySpan<byte> value)
    {
        var name = Encoding.UTF8.GetBytes(key);
        // blank, equals sign and line end
        var rest = name.Length + value.Length + 3;
        var length = rest + Digits(rest);
        if (Digits(length) != Digits(rest))
            length = rest + Digits(length);
        _content.Write(Encoding.ASCII.GetBytes(length.ToString(CultureInfo.InvariantCulture)));
        _content.Write(" "u8);
        _content.Write(name);
        _content.Write("="u8);
        _content.Write(value);
        _content.Write("\n"u8);
    }

    public byte[] ToArray() => _content.WrittenSpan.ToArray();

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;
}
