using System.Buffers.Binary;
using System.Net;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Netlink;

/// <summary>
/// Forgets tracked connections of one network namespace. Needed for UDP: as long as a client keeps sending, its packets
/// follow the old entry, past a rule that was added or removed since.
/// </summary>
/// <remarks>Source: uapi/linux/netfilter/nfnetlink_conntrack.h. nfgenmsg is {u8 family, u8 version, be16 res_id}.</remarks>
public sealed class ConntrackSocket : IDisposable
{
    private const ushort Get = (1 << 8) | 1, Delete = (1 << 8) | 2;
    private const ushort TupleOriginal = 1, TupleReply = 2, TupleIp = 1, TupleProtocol = 2;
    private const ushort IpSource = 1, IpSource6 = 3, ProtocolNumber = 1, ProtocolDestinationPort = 3;
    private const byte AfInet = 2, AfInet6 = 10;

    private readonly NetlinkSocket _socket;

    private ConntrackSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    public static ConntrackSocket Open() => new(NetlinkSocket.Open(NetlinkSocket.Netfilter));

    /// <summary>Forgets every connection of a protocol that was opened to a host port, or that a container answers.</summary>
    /// <param name="protocol">IP protocol number: 17 is UDP.</param>
    /// <param name="hostPorts">Destination ports as the client sees them.</param>
    /// <param name="container">The container's address, or null.</param>
    /// <param name="isIPv6">Connections of IPv6, else of IPv4.</param>
    /// <returns>How many were forgotten.</returns>
    public int Forget(byte protocol, IReadOnlySet<int> hostPorts, IPAddress? container, bool isIPv6 = false)
    {
        ArgumentNullException.ThrowIfNull(hostPorts);
        var found = new List<byte[]>();
        var request = new NetlinkWriter().Begin(Get, NetlinkSocket.Request | NetlinkSocket.DumpFlag).Struct(new Header { Family = isIPv6 ? AfInet6 : AfInet });
        var errno = _socket.Dump(request, (_, body) =>
        {
            if (Matches(body, protocol, hostPorts, container) is { } tuple)
                found.Add(tuple);
        });
        if (errno != 0)
            throw new SyscallException("IPCTNL_MSG_CT_GET", errno);

        foreach (var tuple in found)
        {
            var (_, refused) = _socket.Execute(new NetlinkWriter()
                .Begin(Delete, NetlinkSocket.Request | NetlinkSocket.Ack)
                .Struct(new Header { Family = isIPv6 ? AfInet6 : AfInet })
                .Bytes(TupleOriginal | NetlinkWriter.NestedFlag, tuple));
            if (refused is not (0 or Errno.ENOENT))
                throw new SyscallException("IPCTNL_MSG_CT_DELETE", refused);
        }

        return found.Count;
    }

    public void Dispose() => _socket.Dispose();

    // The original tuple, as it must be given back to delete the entry, when the entry is one of those to forget.
    private static byte[]? Matches(ReadOnlySpan<byte> body, byte protocol, IReadOnlySet<int> hostPorts, IPAddress? container)
    {
        if (body.Length < 4)
            return null;
        byte[]? original = null;
        var (isProtocol, isPort, isContainer) = (false, false, false);
        var attributes = new NetlinkAttributes(body[4..]);
        while (attributes.Next())
        {
            if (attributes.Type == TupleOriginal)
            {
                original = attributes.Value.ToArray();
                var (_, number, port) = ReadTuple(attributes.Value);
                (isProtocol, isPort) = (number == protocol, hostPorts.Contains(port));
            }
            else if (attributes.Type == TupleReply)
            {
                isContainer = container is not null && container.Equals(ReadTuple(attributes.Value).Source);
            }
        }

        return isProtocol && (isPort || isContainer) ? original : null;
    }

    private static (IPAddress? Source, byte Protocol, int Port) ReadTuple(ReadOnlySpan<byte> tuple)
    {
        var (source, protocol, port) = ((IPAddress?)null, (byte)0, 0);
        var parts = new NetlinkAttributes(tuple);
        while (parts.Next())
        {
            var fields = new NetlinkAttributes(parts.Value);
            while (fields.Next())
            {
                if (parts.Type == TupleIp && ((fields.Type == IpSource && fields.Value.Length == 4) || (fields.Type == IpSource6 && fields.Value.Length == 16)))
                    source = new IPAddress(fields.Value);
                else if (parts.Type == TupleProtocol && fields.Type == ProtocolNumber && fields.Value.Length >= 1)
                    protocol = fields.Value[0];
                else if (parts.Type == TupleProtocol && fields.Type == ProtocolDestinationPort && fields.Value.Length >= 2)
                    port = BinaryPrimitives.ReadUInt16BigEndian(fields.Value);
            }
        }

        return (source, protocol, port);
    }

#pragma warning disable CS0649 // Fields of kernel structures that stay zero.
    private struct Header
    {
        public byte Family;
        public byte Version;
        public ushort ResourceId;
    }
#pragma warning restore CS0649
}
