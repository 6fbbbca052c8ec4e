using System.Net;
using System.Security.Cryptography;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Netlink;
using Gantry.Kernel.Sys;
using Gantry.Network.Namespaces;

namespace Gantry.Network.Bridge;

/// <summary>Makes connected network namespaces.</summary>
internal sealed class EndpointBuilder(BridgeOptions options, BridgeInterface bridge, bool isIsolated)
{
    /// <summary>The interface's name in the container.</summary>
    private const string Inside = "eth0";

    /// <summary>A name for the host's end of a new pair.</summary>
    public string NewInterfaceName() => options.InterfacePrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))[..7];

    /// <summary>
    /// Makes a namespace with loopback and eth0 up, address and default route, its other end a port of the bridge.
    /// On a thread of its own, for the thread ends up in the new namespace.
    /// </summary>
    /// <exception cref="SyscallException">A step was refused; nothing is left.</exception>
    public Task<Fd> BuildAsync(string hostInterface, IPAddress address, byte[] mac) => NetworkThread.OnceAsync("gantry-netns", options.HostNamespace, () =>
    {
        using var host = RouteSocket.Open();
        var netns = NetworkNamespaces.Create(hasIPv6: bridge.Six is not null);
        try
        {
            Connect(host, hostInterface, address, mac, netns);
            return netns;
        }
        catch
        {
            // The namespace's end takes the pair with it.
            netns.Dispose();
            throw;
        }
    });

    /// <summary>
    /// Connects a namespace that a process has: like <see cref="BuildAsync"/>, with eth0 and its address added to what is
    /// there.
    /// </summary>
    /// <exception cref="SyscallException">A step was refused; nothing is left.</exception>
    public Task ConnectAsync(string hostInterface, IPAddress address, byte[] mac, Fd netns, IReadOnlyDictionary<string, string> sysctls) => NetworkThread.OnceAsync("gantry-netns", options.HostNamespace, () =>
    {
        using var host = RouteSocket.Open();
        Kernel.Sys.Namespaces.Enter(netns, Kernel.Sys.Namespaces.CLONE_NEWNET);
        try
        {
            Connect(host, hostInterface, address, mac, netns);
            foreach (var (name, value) in sysctls)
                Sysctls.TryWrite(name, value);
        }
        catch
        {
            if (host.FindLink(hostInterface) is not null)
                host.DeleteLink(hostInterface);
            throw;
        }

        return true;
    });

    // On a thread that stands in the namespace.
    private void Connect(RouteSocket host, string hostInterface, IPAddress address, byte[] mac, Fd netns)
    {
        using var inside = RouteSocket.Open();
        host.CreateVeth(new()
        {
            Name = hostInterface,
            BridgeIndex = bridge.Index,
            PeerName = Inside,
            PeerNamespace = netns,
            PeerMac = mac,
            Mtu = options.Mtu,
            IsIsolated = isIsolated,
        });
        inside.SetUpContainer(
            Inside,
            address,
            bridge.Subnet.PrefixLength,
            bridge.Address,
            bridge.Six is { } six ? (six.AddressFor(address, bridge.Subnet), six.PrefixLength, six.Gateway) : null);

        // A carrier that came up takes effect a moment later, in the background, and until then packets are lost: a
        // container's first lookup would wait a second for its retry. Being asked about one interface, the kernel
        // catches up at once (rtnl_getlink, linkwatch_sync_dev; older kernels just answer).
        host.FindLink(hostInterface);
        inside.FindLink(Inside);
    }
}
