using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gantry.Network.Addresses;

/// <summary>An IPv6 subnet: the network's address, with the host bits zero, and how many bits it has.</summary>
public readonly record struct Subnet6
{
    private Subnet6(UInt128 network, int prefixLength) => (Network, PrefixLength) = (network, prefixLength);

    /// <summary>The network address as a number, most significant octet first.</summary>
    public UInt128 Network { get; }

    /// <summary>0 to 128.</summary>
    public int PrefixLength { get; }

    /// <summary>The subnet an address is in.</summary>
    public static Subnet6 Of(IPAddress address, int prefixLength) => new(ToNumber(address) & Mask(prefixLength), prefixLength);

    /// <summary>Reads <c>fd00:1::/64</c>; host bits are kept in <paramref name="address"/> and dropped from the subnet.</summary>
    public static bool TryParse(string? text, out Subnet6 subnet, out IPAddress address)
    {
        subnet = default;
        address = IPAddress.IPv6Any;
        var parts = (text ?? "").Split('/');
        if (parts.Length != 2
            || parts[0].Contains('%', StringComparison.Ordinal)
            || !IPAddress.TryParse(parts[0], out var parsed)
            || parsed.AddressFamily != AddressFamily.InterNetworkV6
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > 128)
        {
            return false;
        }

        address = parsed;
        subnet = Of(parsed, length);
        return true;
    }

    public static UInt128 ToNumber(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out var count) && count == 16
            ? BinaryPrimitives.ReadUInt128BigEndian(bytes)
            : throw new ArgumentException("not an IPv6 address", nameof(address));
    }

    /// <summary>The address at a distance from the network's.</summary>
    public IPAddress At(uint offset)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Network + offset);
        return new(bytes);
    }

    public bool Contains(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 && (ToNumber(address) & Mask(PrefixLength)) == Network;

    public override string ToString() => $"{At(0)}/{PrefixLength}";

    private static UInt128 Mask(int prefixLength) => prefixLength == 0 ? 0 : UInt128.MaxValue << (128 - prefixLength);
}
