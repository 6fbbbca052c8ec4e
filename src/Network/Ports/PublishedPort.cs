using System.Text.Json.Serialization;

namespace Gantry.Network.Ports;

/// <summary>A container's port that is reachable at the host. Plain values, to be kept in a row or JSON.</summary>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="ContainerPort">The port in the container.</param>
/// <param name="HostAddress">The host address, <c>0.0.0.0</c> or <c>::</c> for all.</param>
/// <param name="HostPort">The host port, never 0.</param>
/// <param name="IsRelayed">Whether the container's monitor takes its connections and passes them on to the IPv4 address; else the kernel forwards packets.</param>
public sealed record PublishedPort(string Protocol, int ContainerPort, string HostAddress, int HostPort, bool IsRelayed = false)
{
    /// <summary>Whether it is one of IPv6.</summary>
    [JsonIgnore]
    public bool IsIPv6 => HostAddress.Contains(':', StringComparison.Ordinal);
}
