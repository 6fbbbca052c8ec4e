using System.Globalization;
using Gantry.Kernel.Fds;
using Gantry.Model.Api;

namespace Gantry.Network.Ports;

/// <summary>
/// A container's published ports and the bound sockets that reserve them at the host. Hand the sockets to the container's
/// monitor and dispose this object: it closes only our copies, the ports stay published until they are withdrawn.
/// </summary>
public sealed class PublishedPorts(string containerId, IReadOnlyList<PublishedPort> ports, IReadOnlyList<Fd> sockets) : IDisposable
{
    public string ContainerId { get; } = containerId;

    public IReadOnlyList<PublishedPort> Ports { get; } = ports;

    /// <summary>One bound socket for each port, in the same order; empty for adopted ports. Owned by this object.</summary>
    public IReadOnlyList<Fd> Sockets { get; } = sockets;

    /// <summary>The shape of <c>NetworkSettings.Ports</c>, without the exposed ports that are not published.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> ToBindings() =>
        Ports.GroupBy(port => $"{port.ContainerPort}/{port.Protocol}").ToDictionary(
            group => group.Key,
            group => (IReadOnlyList<PortBinding>?)[.. group.Select(port => new PortBinding
            {
                HostIp = port.HostAddress,
                HostPort = port.HostPort.ToString(CultureInfo.InvariantCulture),
            })]);

    /// <summary>Closes our copies of the sockets.</summary>
    public void Dispose()
    {
        foreach (var socket in Sockets)
            socket.Dispose();
    }
}
