using System.Globalization;
using System.Net;
using Gantry.Model;

namespace Gantry.Network.Addresses;

/// <summary>Hardware addresses: six bytes, written <c>02:42:ac:11:00:02</c>.</summary>
public static class MacAddress
{
    /// <summary>
    /// The locally administered address that goes with an IPv4 address. As an address always has the same one, no
    /// neighbour's cache goes stale when a container follows another.
    /// </summary>
    public static byte[] For(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return [0x02, 0x42, .. address.GetAddressBytes()];
    }

    /// <summary>Reads six hexadecimal octets separated by colons or hyphens.</summary>
    /// <exception cref="GantryException">Invalid: not that, or a group address.</exception>
    public static byte[] Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(':', '-');
        var bytes = new byte[6];
        var isGood = parts.Length == 6;
        for (var i = 0; isGood && i < 6; i++)
            isGood = parts[i].Length == 2 && byte.TryParse(parts[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]);
        if (!isGood)
            throw GantryException.Of(ErrorKind.Invalid, $"invalid MAC address: \"{text}\" is not written as in 02:42:ac:11:00:02");
        if ((bytes[0] & 1) != 0)
            throw GantryException.Of(ErrorKind.Invalid, $"invalid MAC address: {text} is a multicast address; the first octet must be even, as in 02:42:ac:11:00:02");
        return bytes;
    }

    public static string Format(byte[] mac) => string.Join(':', mac.Select(octet => octet.ToString("x2", CultureInfo.InvariantCulture)));
}
