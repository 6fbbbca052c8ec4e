using System.Runtime.InteropServices;
using System.Text;

namespace Gantry.Kernel.Netlink;

/// <summary>Walks the attributes of a message or of a nested attribute. Stops at the first malformed one.</summary>
public ref struct NetlinkAttributes(ReadOnlySpan<byte> rest)
{
    private ReadOnlySpan<byte> _rest = rest;

    /// <summary>The present attribute's type, without its flag bits.</summary>
    public ushort Type { get; private set; }

    /// <summary>The present attribute's content.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The content as a number in host order; 0 when it is too short.</summary>
    public readonly uint UInt32 => Value.Length >= 4 ? MemoryMarshal.Read<uint>(Value) : 0;

    /// <summary>The content as text up to its terminating zero.</summary>
    public readonly string Text
    {
        get
        {
            var zero = Value.IndexOf((byte)0);
            return Encoding.UTF8.GetString(zero < 0 ? Value : Value[..zero]);
        }
    }

    /// <summary>Goes to the next attribute.</summary>
    public bool Next()
    {
        if (_rest.Length < 4)
            return false;
        int length = MemoryMarshal.Read<ushort>(_rest);
        if (length < 4 || length > _rest.Length)
            return false;
        Type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & 0x3fff);
        Value = _rest[4..length];
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }
}
