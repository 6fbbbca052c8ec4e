using System.Net;

namespace Gantry.Network.Bridge;

/// <summary>What a container wants of the bridge.</summary>
public sealed record EndpointSpec
{
    /// <summary>The container, 64 hexadecimal digits.</summary>
    public required string ContainerId { get; init; }

    /// <summary>The hardware address, as in <c>02:42:ac:11:00:02</c>; null derives it from the address.</summary>
    public string? MacAddress { get; init; }

    /// <summary>The IPv4 address; null takes the next free one.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The namespace is made by somebody else: until <see cref="BridgeNetwork.ConnectAsync"/> the endpoint has none.</summary>
    public bool Later { get; init; }
}
