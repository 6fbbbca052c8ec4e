using System.Globalization;

namespace Gantry.Network.Addresses;

/// <summary>A range of addresses out of which networks get subnets of one size (<c>--default-address-pool</c>).</summary>
public readonly record struct AddressPool
{
    private AddressPool(Subnet range, int prefixLength) => (Range, PrefixLength) = (range, prefixLength);

    public Subnet Range { get; }

    /// <summary>The subnets' prefix length, from the range's own to 30.</summary>
    public int PrefixLength { get; }

    /// <summary>The subnets, lowest first.</summary>
    public IEnumerable<Subnet> Subnets
    {
        get
        {
            var (first, size) = ((ulong)Range.Network, 1UL << (32 - PrefixLength));
            for (var network = first; network <= Range.Last; network += size)
                yield return Subnet.Of(Subnet.ToAddress((uint)network), PrefixLength);
        }
    }

    /// <summary>Reads <c>base=10.10.0.0/16,size=24</c>.</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static AddressPool Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Subnet? range = null;
        int? size = null;
        foreach (var field in text.Split(','))
        {
            var pair = field.Trim().Split('=', 2);
            if (pair is ["base", var cidr] && Subnet.TryParse(cidr, out var subnet, out _))
                range = subnet;
            else if (pair is ["size", var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
                size = length;
            else
                throw new FormatException($"\"{text}\": expected base=ADDRESS/PREFIX,size=PREFIX, as in base=10.10.0.0/16,size=24");
        }

        if (range is not { } whole || size is not { } prefix)
            throw new FormatException($"\"{text}\": it needs both base and size, as in base=10.10.0.0/16,size=24");
        if (prefix < whole.PrefixLength || prefix > 30)
            throw new FormatException($"\"{text}\": size must be from {whole.PrefixLength}, which is the base's, to 30");
        return new(whole, prefix);
    }
}
