using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Network.Ports;

/// <summary>One port of a container that is to be reachable at the host.</summary>
public sealed record PortRequest
{
    /// <summary><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</summary>
    public required string Protocol { get; init; }

    public required int ContainerPort { get; init; }

    /// <summary>Where to listen; null is the network's default host address.</summary>
    public IPAddress? HostAddress { get; init; }

    /// <summary>The first acceptable host port; 0 lets the kernel choose.</summary>
    public int HostPort { get; init; }

    /// <summary>The last acceptable host port; equal to <see cref="HostPort"/> unless a range was given.</summary>
    public int HostPortLast { get; init; }

    /// <summary>Reads a <c>HostConfig.PortBindings</c> entry.</summary>
    /// <param name="containerPort">As in <c>80/tcp</c>; without a protocol it is tcp.</param>
    /// <param name="binding">Its host address and port, either of which may be empty; the port may be a range.</param>
    /// <exception cref="GantryException">Invalid.</exception>
    public static PortRequest From(string containerPort, PortBinding? binding)
    {
        var (port, protocol) = ParseContainerPort(containerPort);
        var (first, last) = ParseHostPort(binding?.HostPort);
        return new()
        {
            Protocol = protocol,
            ContainerPort = port,
            HostAddress = ParseHostAddress(binding?.HostIp),
            HostPort = first,
            HostPortLast = last,
        };
    }

    /// <summary>Whether it asks for an IPv6 address of the host.</summary>
    public bool IsIPv6 => HostAddress?.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>Throws when the network cannot publish a port.</summary>
    /// <exception cref="GantryException">NotSupported: it is wanted on an IPv6 address that packets cannot be sent on from, and is none of TCP, which can be relayed.</exception>
    public void Check(bool hasIPv6)
    {
        if (Protocol == "tcp")
            return;
        if (IPAddress.IPv6Loopback.Equals(HostAddress))
            throw GantryException.Of(ErrorKind.NotSupported, $"port {ContainerPort}/{Protocol} on ::1: Linux does not translate addresses of IPv6's loopback; publish on 127.0.0.1");
        if (IsIPv6 && !hasIPv6)
            throw GantryException.Of(ErrorKind.NotSupported, $"port {ContainerPort}/{Protocol} on {HostAddress}: the bridge has no IPv6; start gantryd with --ipv6, or use an IPv4 address");
    }

    /// <summary>Reads the whole <c>HostConfig.PortBindings</c>; a port without bindings gets an ephemeral one, as Docker does.</summary>
    /// <exception cref="GantryException">As <see cref="From"/>.</exception>
    public static IReadOnlyList<PortRequest> FromBindings(IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>? bindings)
    {
        var requests = new List<PortRequest>();
        foreach (var (containerPort, list) in bindings ?? new Dictionary<string, IReadOnlyList<PortBinding>?>())
        {
            if (list is null or { Count: 0 })
                requests.Add(From(containerPort, null));
            else
                requests.AddRange(list.Select(binding => From(containerPort, binding)));
        }

        return requests;
    }

    /// <summary>Reads <c>80</c>, <c>80/tcp</c>, <c>53/udp</c> or <c>38412/sctp</c>.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static (int Port, string Protocol) ParseContainerPort(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var number = slash < 0 ? text : text[..slash];
        var protocol = slash < 0 ? "tcp" : text[(slash + 1)..].ToLowerInvariant();
        if (!TryPort(number, out var port) || port == 0)
            throw GantryException.Of(ErrorKind.Invalid, $"invalid port specification: \"{text}\": the container's port must be a number from 1 to 65535");
        return protocol switch
        {
            "tcp" or "udp" or "sctp" => (port, protocol),
            _ => throw GantryException.Of(ErrorKind.Invalid, $"invalid proto: {protocol}: port {text} must end in /tcp, /udp or /sctp"),
        };
    }

    private static (int First, int Last) ParseHostPort(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return (0, 0);
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var low = dash < 0 ? text : text[..dash];
        var high = dash < 0 ? text : text[(dash + 1)..];
        if (!TryPort(low, out var first) || !TryPort(high, out var last) || last < first || (first == 0 && last != 0))
            throw GantryException.Of(ErrorKind.Invalid, $"invalid port specification: \"{text}\": a host port is a number from 0 to 65535, or a range such as 8000-8010");
        return (first, last);
    }

    private static IPAddress? ParseHostAddress(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (!IPAddress.TryParse(text, out var address) || (address.AddressFamily == AddressFamily.InterNetwork && text.Count(c => c == '.') != 3))
            throw GantryException.Of(ErrorKind.Invalid, $"invalid IP address: {text}: a published port's host address must be written as in 127.0.0.1 or ::1");
        if (text.Contains('%', StringComparison.Ordinal))
            throw GantryException.Of(ErrorKind.NotSupported, $"port on {text}: publishing on an address of one link is not supported; use one without a zone");
        return address;
    }

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535;
}
