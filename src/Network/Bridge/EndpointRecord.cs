namespace Gantry.Network.Bridge;

/// <summary>What the engine keeps about an endpoint, so that a later engine can adopt it. Strings, as they stand in a row or JSON.</summary>
public sealed record EndpointRecord
{
    /// <summary>64 hexadecimal digits, new for each attachment.</summary>
    public required string EndpointId { get; init; }

    public required string ContainerId { get; init; }

    /// <summary>The IPv4 address in the container.</summary>
    public required string Address { get; init; }

    public required int PrefixLength { get; init; }

    /// <summary>The bridge's address, which is the container's default route.</summary>
    public required string Gateway { get; init; }

    public required string MacAddress { get; init; }

    /// <summary>The IPv6 address in the container; null without IPv6, as are the two that go with it.</summary>
    public string? Address6 { get; init; }

    public int PrefixLength6 { get; init; }

    public string? Gateway6 { get; init; }

    /// <summary>The host's end of the veth pair.</summary>
    public required string HostInterface { get; init; }
}
