using System.Net;
using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Netlink;

/// <summary>Interfaces, addresses and routes of one network namespace, by rtnetlink. One thread at a time.</summary>
/// <remarks>
/// Source: rtnetlink(7), uapi/linux/{rtnetlink,if_link,if_addr,veth}.h. Structures: ifinfomsg 16 bytes, ifaddrmsg 8, rtmsg 12.
/// Errors are <see cref="SyscallException"/>s whose subject names the interface and what was done to it.
/// </remarks>
public sealed class RouteSocket : IDisposable
{
    private const ushort NewLink = 16, DeleteLinkType = 17, GetLink = 18, NewAddress = 20, DeleteAddressType = 21, GetAddress = 22, NewRoute = 24, GetRoute = 26;
    private const ushort IflaAddress = 1, IflaIfName = 3, IflaMtu = 4, IflaMaster = 10, IflaLinkInfo = 18, IflaNetNsFd = 28;
    private const ushort InfoKind = 1, InfoContent = 2, InfoSlaveKind = 4, InfoSlaveContent = 5;
    private const ushort VethInfoPeer = 1, BridgePortHairpin = 4, BridgePortIsolated = 33;
    private const ushort IfaAddress = 1, IfaLocal = 2, IfaBroadcast = 4;
    private const ushort RtaDestination = 1, RtaOutputLink = 4, RtaGateway = 5, RtaTable = 15;
    private const byte TableMain = 254, ProtocolBoot = 3, ScopeUniverse = 0, TypeUnicast = 1;
    private const byte AfInet = 2, AfInet6 = 10;
    private const byte NoDuplicateDetection = 2; // IFA_F_NODAD
    private const uint Up = 1;
    private const ushort Change = NetlinkSocket.Request | NetlinkSocket.Ack;
    private const ushort Make = Change | NetlinkSocket.CreateFlag | NetlinkSocket.Exclusive;
    private const ushort List = NetlinkSocket.Request | NetlinkSocket.DumpFlag;

    private readonly NetlinkSocket _socket;

    private RouteSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    public static RouteSocket Open() => new(NetlinkSocket.Open(NetlinkSocket.Route));

    /// <summary>Finds an interface by name; null when there is none.</summary>
    public NetworkLink? FindLink(string name)
    {
        NetworkLink? found = null;
        var request = new NetlinkWriter().Begin(GetLink, Change).Struct(default(LinkHeader)).Text(IflaIfName, name);
        var errno = _socket.Query(request, (type, body) => found = type == NewLink ? ReadLink(body) : found);
        return errno is 0 or Errno.ENODEV ? found : throw new SyscallException("RTM_GETLINK", errno, name);
    }

    /// <summary>All interfaces of the namespace.</summary>
    public IReadOnlyList<NetworkLink> Links()
    {
        var links = new List<NetworkLink>();
        Collect("RTM_GETLINK", new NetlinkWriter().Begin(GetLink, List).Struct(default(LinkHeader)), (type, body) =>
        {
            if (type == NewLink && ReadLink(body) is { } link)
                links.Add(link);
        });
        return links;
    }

    /// <summary>All IPv4 addresses of the namespace.</summary>
    public IReadOnlyList<NetworkAddress> Addresses() => Addresses(AfInet, IfaLocal, 4);

    /// <summary>All IPv6 addresses of the namespace that hold beyond a link.</summary>
    public IReadOnlyList<NetworkAddress> Addresses6() => [.. Addresses(AfInet6, IfaAddress, 16).Where(static address => !address.Address.IsIPv6LinkLocal)];

    private List<NetworkAddress> Addresses(byte family, ushort attribute, int sizeBytes)
    {
        var addresses = new List<NetworkAddress>();
        Collect("RTM_GETADDR", new NetlinkWriter().Begin(GetAddress, List).Struct(new AddressHeader { Family = family }), (type, body) =>
        {
            if (type != NewAddress || body.Length < 8)
                return;
            var header = MemoryMarshal.Read<AddressHeader>(body);
            var attributes = new NetlinkAttributes(body[8..]);
            while (attributes.Next())
            {
                if (attributes.Type == attribute && attributes.Value.Length == sizeBytes)
                    addresses.Add(new((int)header.Index, new IPAddress(attributes.Value), header.PrefixLength));
            }
        });
        return addresses;
    }

    /// <summary>The IPv4 routes of the main table.</summary>
    public IReadOnlyList<NetworkRoute> Routes()
    {
        var routes = new List<NetworkRoute>();
        Collect("RTM_GETROUTE", new NetlinkWriter().Begin(GetRoute, List).Struct(new RouteHeader { Family = AfInet }), (type, body) =>
        {
            if (type == NewRoute && ReadRoute(body) is { } route)
                routes.Add(route);
        });
        return routes;
    }

    /// <summary>Makes a bridge that forwards at once (no spanning tree) and sets it up.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="mac">Its hardware address; without one the kernel would change it with every port that comes or goes.</param>
    /// <param name="mtu">Bytes.</param>
    public void CreateBridge(string name, byte[] mac, int mtu) => Execute("create bridge", name, new NetlinkWriter()
        .Begin(NewLink, Make)
        .Struct(new LinkHeader { Flags = Up, ChangeMask = Up })
        .Text(IflaIfName, name)
        .Bytes(IflaAddress, mac)
        .UInt32(IflaMtu, (uint)mtu)
        .Nested(IflaLinkInfo, info => info.Text(InfoKind, "bridge")));

    /// <summary>
    /// Makes a veth pair: this end enslaved and up, the peer born inside its namespace. The port reflects frames (hairpin):
    /// where bridged packets pass netfilter, a container that calls its own published port is answered through its own port.
    /// </summary>
    public void CreateVeth(VethPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        var messages = new NetlinkWriter()
            .Begin(NewLink, Make)
            .Struct(new LinkHeader { Flags = Up, ChangeMask = Up })
            .Text(IflaIfName, pair.Name)
            .UInt32(IflaMtu, (uint)pair.Mtu)
            .UInt32(IflaMaster, (uint)pair.BridgeIndex)
            .Nested(IflaLinkInfo, info => info.Text(InfoKind, "veth").Nested(InfoContent, content => content.Nested(VethInfoPeer, peer => peer
                .Struct(default(LinkHeader))
                .Text(IflaIfName, pair.PeerName)
                .UInt32(IflaMtu, (uint)pair.Mtu)
                .Bytes(IflaAddress, pair.PeerMac)
                .UInt32(IflaNetNsFd, (uint)pair.PeerNamespace.Number))));
        PortSettings(messages, pair.Name, pair.IsIsolated);
        Execute("create veth pair", pair.Name, messages);
    }

    /// <summary>Makes an interface a port of a bridge and sets it up.</summary>
    public void Enslave(string name, int bridgeIndex, bool isIsolated)
    {
        var messages = new NetlinkWriter()
            .Begin(NewLink, Change).Struct(new LinkHeader { Flags = Up, ChangeMask = Up }).Text(IflaIfName, name).UInt32(IflaMaster, (uint)bridgeIndex);
        PortSettings(messages, name, isIsolated);
        Execute("add to bridge", name, messages);
    }

    /// <summary>Sets an interface up, with an MTU when one is given.</summary>
    public void SetUp(string name, int? mtu = null)
    {
        var message = new NetlinkWriter().Begin(NewLink, Change).Struct(new LinkHeader { Flags = Up, ChangeMask = Up }).Text(IflaIfName, name);
        if (mtu is { } bytes)
            message.UInt32(IflaMtu, (uint)bytes);
        Execute("set up", name, message);
    }

    /// <summary>
    /// Removes an interface, and with a veth its peer. Takes some 20 ms: the kernel waits out its readers with the
    /// lock of all interfaces held, so keep it off the path of anything that somebody waits for.
    /// </summary>
    /// <returns>Whether it existed.</returns>
    public bool DeleteLink(string name)
    {
        var (_, errno) = _socket.Execute(new NetlinkWriter().Begin(DeleteLinkType, Change).Struct(default(LinkHeader)).Text(IflaIfName, name));
        return errno switch
        {
            0 => true,
            Errno.ENODEV => false,
            _ => throw new SyscallException("delete", errno, name),
        };
    }

    /// <summary>Adds an address; it may be there already.</summary>
    public void AddAddress(NetworkLink link, IPAddress address, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(link);
        var writer = new NetlinkWriter();
        WriteAddress(writer, NewAddress, Change | NetlinkSocket.CreateFlag | NetlinkSocket.Replace, link.Index, address, prefixLength);
        Execute($"add address {address}/{prefixLength} to", link.Name, writer);
    }

    /// <summary>Removes an address.</summary>
    public void DeleteAddress(NetworkLink link, IPAddress address, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(link);
        var writer = new NetlinkWriter();
        WriteAddress(writer, DeleteAddressType, Change, link.Index, address, prefixLength);
        Execute($"remove address {address}/{prefixLength} from", link.Name, writer);
    }

    /// <summary>Sets the loopback interface up.</summary>
    public void SetUpLoopback() => SetUp("lo");

    /// <summary>In a container's namespace: loopback and interface up, address, default route. One sendmsg.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="address">Its address.</param>
    /// <param name="prefixLength">Bits of its subnet.</param>
    /// <param name="gateway">The default route's gateway.</param>
    /// <param name="six">The same of IPv6; null: it has none.</param>
    public void SetUpContainer(string name, IPAddress address, int prefixLength, IPAddress gateway, (IPAddress Address, int PrefixLength, IPAddress Gateway)? six = null)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        var link = FindLink(name) ?? throw new SyscallException("set up", Errno.ENODEV, name);
        List<(string Call, string Subject)> steps = [("set up", "lo"), ("set up", name)];
        var messages = new NetlinkWriter()
            .Begin(NewLink, Change).Struct(new LinkHeader { Flags = Up, ChangeMask = Up }).Text(IflaIfName, "lo")
            .Begin(NewLink, Change).Struct(new LinkHeader { Index = link.Index, Flags = Up, ChangeMask = Up });
        Place(address, prefixLength, gateway);
        if (six is { } other)
            Place(other.Address, other.PrefixLength, other.Gateway);
        var (index, errno) = _socket.Execute(messages);
        if (errno != 0)
            throw new SyscallException(steps[Math.Clamp(index, 0, steps.Count - 1)].Call, errno, steps[Math.Clamp(index, 0, steps.Count - 1)].Subject);

        void Place(IPAddress own, int length, IPAddress by)
        {
            WriteAddress(messages, NewAddress, Make, link.Index, own, length);
            messages.Begin(NewRoute, Make)
                .Struct(new RouteHeader { Family = FamilyOf(by), Table = TableMain, Protocol = ProtocolBoot, Scope = ScopeUniverse, Type = TypeUnicast })
                .Bytes(RtaGateway, by.GetAddressBytes())
                .UInt32(RtaOutputLink, (uint)link.Index);
            steps.Add(($"add address {own}/{length} to", name));
            steps.Add(($"add default route by {by} to", name));
        }
    }

    public void Dispose() => _socket.Dispose();

    private static void PortSettings(NetlinkWriter messages, string name, bool isIsolated) => messages
        .Begin(NewLink, Change)
        .Struct(default(LinkHeader))
        .Text(IflaIfName, name)
        .Nested(IflaLinkInfo, info => info.Text(InfoSlaveKind, "bridge").Nested(InfoSlaveContent, port => port
            .UInt8(BridgePortHairpin, 1)
            .UInt8(BridgePortIsolated, isIsolated ? (byte)1 : (byte)0)));

    private static void WriteAddress(NetlinkWriter writer, ushort type, ushort flags, int index, IPAddress address, int prefixLength)
    {
        var bytes = address.GetAddressBytes();
        var family = FamilyOf(address);
        // Nobody else on the bridge can have an IPv6 address of ours: to ask would only make the first second useless.
        writer.Begin(type, flags)
            .Struct(new AddressHeader { Family = family, PrefixLength = (byte)prefixLength, Flags = family == AfInet6 && type == NewAddress ? NoDuplicateDetection : (byte)0, Scope = ScopeUniverse, Index = (uint)index })
            .Bytes(IfaLocal, bytes)
            .Bytes(IfaAddress, bytes);
        if (family == AfInet && prefixLength < 31 && type == NewAddress)
            writer.Bytes(IfaBroadcast, Broadcast(bytes, prefixLength));
    }

    private static byte FamilyOf(IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? AfInet6 : AfInet;

    private static byte[] Broadcast(byte[] address, int prefixLength)
    {
        var result = (byte[])address.Clone();
        for (var bit = prefixLength; bit < 32; bit++)
            result[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return result;
    }

    private static NetworkLink? ReadLink(ReadOnlySpan<byte> body)
    {
        if (body.Length < 16)
            return null;
        var header = MemoryMarshal.Read<LinkHeader>(body);
        var (name, kind, master, mtu) = ("", (string?)null, 0, 0);
        var attributes = new NetlinkAttributes(body[16..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case IflaIfName:
                    name = attributes.Text;
                    break;
                case IflaMtu:
                    mtu = (int)attributes.UInt32;
                    break;
                case IflaMaster:
                    master = (int)attributes.UInt32;
                    break;
                case IflaLinkInfo:
                    var info = new NetlinkAttributes(attributes.Value);
                    while (info.Next())
                        kind = info.Type == InfoKind ? info.Text : kind;
                    break;
            }
        }

        return new(header.Index, name, kind, master, (header.Flags & Up) != 0, mtu);
    }

    private static NetworkRoute? ReadRoute(ReadOnlySpan<byte> body)
    {
        if (body.Length < 12)
            return null;
        var header = MemoryMarshal.Read<RouteHeader>(body);
        var (destination, link, table) = (IPAddress.Any, 0, (uint)header.Table);
        var attributes = new NetlinkAttributes(body[12..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case RtaDestination when attributes.Value.Length == 4:
                    destination = new IPAddress(attributes.Value);
                    break;
                case RtaOutputLink:
                    link = (int)attributes.UInt32;
                    break;
                case RtaTable:
                    table = attributes.UInt32;
                    break;
            }
        }

        return header.Family == AfInet && table == TableMain ? new(destination, header.DestinationLength, link) : null;
    }

    private void Execute(string call, string subject, NetlinkWriter messages)
    {
        var (_, errno) = _socket.Execute(messages);
        if (errno != 0)
            throw new SyscallException(call, errno, subject);
    }

    private void Collect(string call, NetlinkWriter request, NetlinkSocket.MessageReader reader)
    {
        var errno = _socket.Dump(request, reader);
        if (errno != 0)
            throw new SyscallException(call, errno);
    }

#pragma warning disable CS0649 // Fields of kernel structures that stay zero.
    private struct LinkHeader
    {
        public byte Family;
        public byte Padding;
        public ushort DeviceType;
        public int Index;
        public uint Flags;
        public uint ChangeMask;
    }

    private struct AddressHeader
    {
        public byte Family;
        public byte PrefixLength;
        public byte Flags;
        public byte Scope;
        public uint Index;
    }

    private struct RouteHeader
    {
        public byte Family;
        public byte DestinationLength;
        public byte SourceLength;
        public byte Tos;
        public byte Table;
        public byte Protocol;
        public byte Scope;
        public byte Type;
        public uint Flags;
    }
#pragma warning restore CS0649
}
