using System.Net;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Network.Ports;

/// <summary>Binds host ports. In the host's namespace.</summary>
/// <param name="defaultAddress">Where a request that names no address goes.</param>
/// <param name="hasIPv6">Whether the container has IPv6. If so, a request that names no address goes to all of IPv6, too, when the default is all of IPv4; else only TCP does, by a relay, on a host that has IPv6.</param>
/// <param name="holder">Which container of this engine has a port that overlaps, in words; null for none.</param>
internal sealed class PortReservation(IPAddress defaultAddress, bool hasIPv6, Func<string, IPAddress, int, string?> holder)
{
    // Of all the ports that the kernel may choose, one that is free for IPv4 is seldom taken for IPv6.
    private const int MostAttempts = 32;

    /// <summary>Binds a port for each request; all or none.</summary>
    /// <exception cref="GantryException">Conflict, Exhausted or Invalid.</exception>
    public (List<PublishedPort> Ports, List<Fd> Sockets) Bind(IEnumerable<PortRequest> requests)
    {
        var (ports, sockets) = (new List<PublishedPort>(), new List<Fd>());
        try
        {
            foreach (var request in requests)
            {
                foreach (var (address, socket, hostPort) in Bind(request))
                {
                    sockets.Add(socket);
                    ports.Add(new(request.Protocol, request.ContainerPort, address.ToString(), hostPort, IsRelayed(request.Protocol, address)));
                }
            }
        }
        catch
        {
            sockets.ForEach(socket => socket.Dispose());
            throw;
        }

        return (ports, sockets);
    }

    /// <summary>
    /// Makes TCP reservations hold against everybody. Only after the rules are there: until then a connection would wait
    /// in a queue that nobody empties.
    /// </summary>
    public void Listen(List<PublishedPort> ports, List<Fd> sockets)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i].Protocol != "udp" && InetSockets.TryListen(sockets[i]) is not 0 and var errno)
                throw Refused(ports[i].Protocol, IPAddress.Parse(ports[i].HostAddress), ports[i].HostPort, errno);
        }
    }

    private List<(IPAddress Address, Fd Socket, int Port)> Bind(PortRequest request)
    {
        var address = request.HostAddress ?? defaultAddress;
        var other = request.HostAddress is null && defaultAddress.Equals(IPAddress.Any) && (hasIPv6 || (request.Protocol == "tcp" && HostHasIPv6())) ? IPAddress.IPv6Any : null;
        var isChosen = request.HostPort == 0;
        var errno = 0;
        var attempts = isChosen ? MostAttempts : Math.Max(request.HostPort, request.HostPortLast) - request.HostPort + 1;
        for (var i = 0; i < attempts; i++)
        {
            var port = isChosen ? 0 : request.HostPort + i;
            errno = InetSockets.TryBind(TransportOf(request.Protocol), address, port, out var bound);
            if (errno == 0 && other is null)
                return [(address, bound.Socket, bound.Port)];
            if (errno == 0)
            {
                // Both have the same number, as in Docker.
                errno = InetSockets.TryBind(TransportOf(request.Protocol), other!, bound.Port, out var second);
                if (errno == 0)
                    return [(address, bound.Socket, bound.Port), (other!, second.Socket, second.Port)];
                bound.Socket.Dispose();
                if (errno != Errno.EADDRINUSE)
                    throw Refused(request.Protocol, other!, bound.Port, errno);
                if (!isChosen && request.HostPortLast <= request.HostPort)
                    throw Refused(request.Protocol, other!, port, errno);
            }

            if (errno != Errno.EADDRINUSE)
                break;
        }

        if (errno == Errno.EADDRINUSE && request.HostPortLast > request.HostPort)
            throw GantryException.Of(ErrorKind.Conflict, $"Bind for {Text(address)}:{request.HostPort}-{request.HostPortLast} failed: port is already allocated: all ports are allocated in that range; choose a wider range, or no host port for an ephemeral one");
        throw Refused(request.Protocol, address, request.HostPort, errno);
    }

    // Linux does not translate addresses of IPv6's loopback, and nothing translates IPv6 to IPv4.
    private bool IsRelayed(string protocol, IPAddress address) =>
        protocol == "tcp" && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && (!hasIPv6 || address.Equals(IPAddress.IPv6Loopback));

    // As moby looks for it: addresses may be off while sockets are not. Source: libnetwork/portmapper.
    private static bool HostHasIPv6()
    {
        if (InetSockets.TryBind(Transport.Tcp, IPAddress.IPv6Loopback, 0, out var bound) != 0)
            return false;
        bound.Socket.Dispose();
        return true;
    }

    private static Transport TransportOf(string protocol) => protocol switch { "udp" => Transport.Udp, "sctp" => Transport.Sctp, _ => Transport.Tcp };

    private static string Text(IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();

    private GantryException Refused(string protocol, IPAddress address, int port, int errno)
    {
        var what = $"Bind for {Text(address)}:{port} failed";
        if (protocol == "sctp" && errno is Errno.EPROTONOSUPPORT or Errno.ESOCKTNOSUPPORT)
            return GantryException.Of(ErrorKind.NotSupported, $"{what}: this kernel has no SCTP: load it with modprobe sctp, where there is such a module");
        if (errno == Errno.EADDRINUSE)
        {
            if (port == 0)
                return GantryException.Of(ErrorKind.Exhausted, $"{what}: no ephemeral {protocol} port is free on this host");
            var who = holder(protocol, address, port) ?? PortHolder.Find(protocol, address, port);
            var held = who is null ? "" : $" by {who}";
            return GantryException.Of(ErrorKind.Conflict, $"{what}: port is already allocated: {protocol} port {port} is held{held}; stop that, or publish on another host port");
        }

        if (errno == Errno.EADDRNOTAVAIL)
            return GantryException.Of(ErrorKind.Invalid, $"{what}: cannot assign requested address: no interface of this host has {address}");
        return GantryException.Of(errno == Errno.EACCES ? ErrorKind.Forbidden : ErrorKind.Internal, $"{what}: {Errno.Text(errno)} ({Errno.Name(errno)})");
    }
}
