using System.Net;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Network.Ports;

/// <summary>Binds host ports. In the host's namespace.</summary>
/// <param name="defaultAddress">Where a request that names no address goes.</param>
/// <param name="holder">Which container of this engine has a port that overlaps, in words; null for none.</param>
internal sealed class PortReservation(IPAddress defaultAddress, Func<string, IPAddress, int, string?> holder)
{
    /// <summary>Binds a port for each request; all or none.</summary>
    /// <exception cref="GantryException">Conflict, Exhausted or Invalid.</exception>
    public (List<PublishedPort> Ports, List<Fd> Sockets) Bind(IEnumerable<PortRequest> requests)
    {
        var (ports, sockets) = (new List<PublishedPort>(), new List<Fd>());
        try
        {
            foreach (var request in requests)
            {
                var (socket, hostPort) = Bind(request);
                sockets.Add(socket);
                ports.Add(new(request.Protocol, request.ContainerPort, Address(request).ToString(), hostPort));
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
            if (ports[i].Protocol == "tcp" && InetSockets.TryListen(sockets[i]) is not 0 and var errno)
                throw Refused(ports[i].Protocol, IPAddress.Parse(ports[i].HostAddress), ports[i].HostPort, errno);
        }
    }

    private IPAddress Address(PortRequest request) => request.HostAddress ?? defaultAddress;

    private (Fd Socket, int Port) Bind(PortRequest request)
    {
        var address = Address(request);
        var errno = 0;
        for (var port = request.HostPort; port <= Math.Max(request.HostPort, request.HostPortLast); port++)
        {
            errno = InetSockets.TryBind(request.Protocol == "tcp", address, port, out var bound);
            if (errno == 0)
                return bound;
            if (errno != Errno.EADDRINUSE)
                break;
        }

        if (errno == Errno.EADDRINUSE && request.HostPortLast > request.HostPort)
            throw GantryException.Of(ErrorKind.Conflict, $"Bind for {address}:{request.HostPort}-{request.HostPortLast} failed: port is already allocated: all ports are allocated in that range; choose a wider range, or no host port for an ephemeral one");
        throw Refused(request.Protocol, address, request.HostPort, errno);
    }

    private GantryException Refused(string protocol, IPAddress address, int port, int errno)
    {
        var what = $"Bind for {address}:{port} failed";
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
