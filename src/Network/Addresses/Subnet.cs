using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gantry.Network.Addresses;

/// <summary>An IPv4 subnet: the network's address, with the host bits zero, and how many bits it has.</summary>
public readonly record struct Subnet
{
    private Subnet(uint network, int prefixLength) => (Network, PrefixLength) = (network, prefixLength);

    /// <summary>The network address as a number, most significant octet first.</summary>
    public uint Network { get; }

    /// <summary>0 to 32.</summary>
    public int PrefixLength { get; }

    /// <summary>The last address, which is the broadcast address when there are more than two.</summary>
    public uint Last => Network | ~Mask(PrefixLength);

    /// <summary>The subnet an address is in.</summary>
    public static Subnet Of(IPAddress address, int prefixLength) => new(ToNumber(address) & Mask(prefixLength), prefixLength);

    /// <summary>Reads <c>172.17.0.0/16</c>; host bits are kept in <paramref name="address"/> and dropped from the subnet.</summary>
    public static bool TryParse(string? text, out Subnet subnet, out IPAddress address)
    {
        subnet = default;
        address = IPAddress.Any;
        var parts = (text ?? "").Split('/');
        if (parts.Length != 2
            || parts[0].Count(c => c == '.') != 3
            || !IPAddress.TryParse(parts[0], out var parsed)
            || parsed.AddressFamily != AddressFamily.InterNetwork
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > 32)
        {
            return false;
        }

        address = parsed;
        subnet = Of(parsed, length);
        return true;
    }

    public static uint ToNumber(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out var count) && count == 4
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : throw new ArgumentException("not an IPv4 address", nameof(address));
    }

    public static IPAddress ToAddress(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new(bytes);
    }

    public bool Contains(uint address) => (address & Mask(PrefixLength)) == Network;

    public bool Contains(Subnet other) => other.PrefixLength >= PrefixLength && Contains(other.Network);

    public bool Overlaps(Subnet other) => Contains(other) || other.Contains(this);

    public override string ToString() => $"{ToAddress(Network)}/{PrefixLength}";

    private static uint Mask(int prefixLength) => prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);
}
