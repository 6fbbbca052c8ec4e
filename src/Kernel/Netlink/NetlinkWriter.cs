using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Gantry.Kernel.Netlink;

/// <summary>
/// Writes netlink messages one after another into one buffer, so that several requests go to the kernel in one sendmsg.
/// Numbers are in host order, as netlink has them; everything is padded to four bytes.
/// </summary>
/// <remarks>Source: netlink(7), uapi/linux/netlink.h. nlmsghdr is {u32 len, u16 type, u16 flags, u32 seq, u32 pid}; nlattr is {u16 len, u16 type}.</remarks>
public sealed class NetlinkWriter
{
    /// <summary>Marks an attribute that holds attributes. uapi/linux/netlink.h.</summary>
    public const ushort NestedFlag = 0x8000;

    internal const int HeaderLength = 16;
    private const int AttributeHeaderLength = 4;

    private byte[] _buffer = new byte[1024];
    private int _length;
    private int _message = -1;

    /// <summary>How many messages were begun.</summary>
    public int Count { get; private set; }

    /// <summary>All messages written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Begins a message; the sequence number is its index, by which answers are told apart.</summary>
    public NetlinkWriter Begin(ushort type, ushort flags)
    {
        _message = _length;
        var header = Grow(HeaderLength);
        Write(header, 4, type);
        Write(header, 6, flags);
        Write(header, 8, (uint)Count++);
        Seal();
        return this;
    }

    /// <summary>Appends a fixed header such as ifinfomsg.</summary>
    public NetlinkWriter Struct<T>(T value)
        where T : unmanaged
    {
        var size = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        MemoryMarshal.Write(Grow(Align(size)), in value);
        Seal();
        return this;
    }

    public NetlinkWriter Bytes(ushort type, ReadOnlySpan<byte> value)
    {
        var attribute = Grow(Align(AttributeHeaderLength + value.Length));
        Write(attribute, 0, (ushort)(AttributeHeaderLength + value.Length));
        Write(attribute, 2, type);
        value.CopyTo(attribute[AttributeHeaderLength..]);
        Seal();
        return this;
    }

    public NetlinkWriter UInt32(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        MemoryMarshal.Write(bytes, in value);
        return Bytes(type, bytes);
    }

    public NetlinkWriter UInt8(ushort type, byte value) => Bytes(type, [value]);

    /// <summary>A 16-bit number in network order, as nfnetlink has its ports.</summary>
    public NetlinkWriter UInt16BigEndian(ushort type, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return Bytes(type, bytes);
    }

    /// <summary>A zero-terminated string.</summary>
    public NetlinkWriter Text(ushort type, string value) => Bytes(type, [.. Encoding.UTF8.GetBytes(value), 0]);

    /// <summary>Writes what <paramref name="content"/> writes as the content of one attribute.</summary>
    public NetlinkWriter Nested(ushort type, Action<NetlinkWriter> content)
    {
        ArgumentNullException.ThrowIfNull(content);
        var start = _length;
        Grow(AttributeHeaderLength);
        content(this);
        var attribute = _buffer.AsSpan(start);
        Write(attribute, 0, (ushort)(_length - start));
        Write(attribute, 2, type);
        Seal();
        return this;
    }

    private static int Align(int length) => (length + 3) & ~3;

    private static void Write<T>(Span<byte> target, int offset, T value)
        where T : unmanaged => MemoryMarshal.Write(target[offset..], in value);

    // The message's length grows with each part, so that a message is complete at any time.
    private void Seal()
    {
        if (_message >= 0)
            Write(_buffer.AsSpan(_message), 0, (uint)(_length - _message));
    }

    private Span<byte> Grow(int count)
    {
        if (_length + count > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        var part = _buffer.AsSpan(_length, count);
        part.Clear();
        _length += count;
        return part;
    }
}
