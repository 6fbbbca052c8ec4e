using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Gantry.Runtime.Monitor;

/// <summary>Encodes lines in Docker's json-file format: <c>{"log":"…","stream":"stdout","attrs":{…},"time":"RFC3339Nano"}</c>. Pure.</summary>
/// <remarks>Source: moby daemon/logger/jsonfilelog/jsonlog; escapes are Go's encoding/json: HTML characters and U+2028/9 too, invalid UTF-8 as U+FFFD byte by byte.</remarks>
public sealed class JsonLogEncoder
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private static readonly SearchValues<byte> Special = SearchValues.Create(SpecialBytes());

    private readonly byte[] _attributes;
    private readonly byte[] _second = new byte[19]; // "2026-01-31T23:59:59"
    private long _secondOf = -1;

    /// <param name="attributes">Labels and variables to write with each line.</param>
    public JsonLogEncoder(IReadOnlyDictionary<string, string>? attributes = null)
    {
        if (attributes is not { Count: > 0 })
        {
            _attributes = [];
            return;
        }
        var text = new ArrayBufferWriter<byte>();
        text.Write(",\"attrs\":{"u8);
        var first = true;
        foreach (var (name, value) in attributes.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Write(first ? "\""u8 : ",\""u8);
            first = false;
            Escape(text, Encoding.UTF8.GetBytes(name));
            text.Write("\":\""u8);
            Escape(text, Encoding.UTF8.GetBytes(value));
            text.Write("\""u8);
        }
        text.Write("}"u8);
        _attributes = text.WrittenSpan.ToArray();
    }

    /// <summary>Appends one line.</summary>
    /// <param name="to">The log.</param>
    /// <param name="line">The bytes, with their newline if they end with one.</param>
    /// <param name="isStderr">Which stream they are from.</param>
    /// <param name="unixNanoseconds">When they were read.</param>
    public void Encode(IBufferWriter<byte> to, ReadOnlySpan<byte> line, bool isStderr, long unixNanoseconds)
    {
        to.Write("{\"log\":\""u8);
        Escape(to, line);
        to.Write(isStderr ? "\",\"stream\":\"stderr\""u8 : "\",\"stream\":\"stdout\""u8);
        to.Write(_attributes);
        to.Write(",\"time\":\""u8);
        WriteTime(to, unixNanoseconds);
        to.Write("\"}\n"u8);
    }

    private static void Escape(IBufferWriter<byte> to, ReadOnlySpan<byte> text)
    {
        while (text.Length > 0)
        {
            var plain = text.IndexOfAny(Special);
            if (plain != 0)
            {
                to.Write(plain < 0 ? text : text[..plain]);
                if (plain < 0)
                    return;
                text = text[plain..];
            }
            var octet = text[0];
            if (octet < 0x80)
            {
                EscapeAscii(to, octet);
                text = text[1..];
                continue;
            }
            var status = Rune.DecodeFromUtf8(text, out var rune, out var length);
            if (status != OperationStatus.Done)
            {
                to.Write("\\ufffd"u8);
                text = text[1..];
                continue;
            }
            if (rune.Value is 0x2028 or 0x2029)
                to.Write(rune.Value == 0x2028 ? "\\u2028"u8 : "\\u2029"u8);
            else
                to.Write(text[..length]);
            text = text[length..];
        }
    }

    private static void EscapeAscii(IBufferWriter<byte> to, byte octet)
    {
        switch (octet)
        {
            case (byte)'"':
                to.Write("\\\""u8);
                break;
            case (byte)'\\':
                to.Write("\\\\"u8);
                break;
            case (byte)'\n':
                to.Write("\\n"u8);
                break;
            case (byte)'\r':
                to.Write("\\r"u8);
                break;
            default:
                var digits = "0123456789abcdef"u8;
                to.Write([(byte)'\\', (byte)'u', (byte)'0', (byte)'0', digits[octet >> 4], digits[octet & 15]]);
                break;
        }
    }

    /// <summary>RFC3339Nano: nine decimals without trailing zeros, UTC.</summary>
    private void WriteTime(IBufferWriter<byte> to, long unixNanoseconds)
    {
        var second = unixNanoseconds / NanosecondsPerSecond;
        if (second != _secondOf)
        {
            DateTimeOffset.FromUnixTimeSeconds(second).TryFormat(_second, out _, "yyyy-MM-ddTHH:mm:ss");
            _secondOf = second;
        }
        to.Write(_second);
        var fraction = (int)(unixNanoseconds % NanosecondsPerSecond);
        if (fraction != 0)
        {
            Span<byte> decimals = stackalloc byte[10];
            decimals[0] = (byte)'.';
            Utf8Formatter.TryFormat(fraction, decimals[1..], out _, new StandardFormat('D', 9));
            to.Write(decimals.TrimEnd((byte)'0'));
        }
        to.Write("Z"u8);
    }

    private static byte[] SpecialBytes()
    {
        var bytes = new List<byte>();
        for (var octet = 0; octet < 256; octet++)
        {
            if (octet is < 0x20 or >= 0x80 || octet is '"' or '\\' or '<' or '>' or '&')
                bytes.Add((byte)octet);
        }
        return [.. bytes];
    }
}
