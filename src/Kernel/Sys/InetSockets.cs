using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>Sockets that hold a port, in the calling thread's network namespace. Source: ip(7), tcp(7), udp(7).</summary>
public static partial class InetSockets
{
    private const int AfInet = 2, AfInet6 = 10, Stream = 1, Datagram = 2, Cloexec = 0x80000;
    private const int SolSocket = 1, ReuseAddress = 2, SolIPv6 = 41, OnlyIPv6 = 26;

    /// <summary>Binds a socket to an address and port.</summary>
    /// <param name="protocol">Which ports.</param>
    /// <param name="address">An address of this host, 0.0.0.0 or ::, which is IPv6 alone.</param>
    /// <param name="port">The port; 0 lets the kernel choose.</param>
    /// <param name="socket">The bound socket, and the port it got.</param>
    /// <returns>0, or the errno.</returns>
    /// <remarks>
    /// A TCP port (an SCTP port likewise) may be taken over from connections in TIME_WAIT (SO_REUSEADDR), as every server does; against a second
    /// taker it is safe only after <see cref="TryListen"/>. A UDP port is exclusive at once.
    /// </remarks>
    public static int TryBind(Transport protocol, IPAddress address, int port, out (Fd Socket, int Port) socket)
    {
        ArgumentNullException.ThrowIfNull(address);
        socket = default;
        var isIPv6 = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        var descriptor = Socket(isIPv6 ? AfInet6 : AfInet, (protocol == Transport.Udp ? Datagram : Stream) | Cloexec, (int)protocol);
        if (descriptor < 0)
            return Marshal.GetLastPInvokeError();
        var fd = new Fd(descriptor);
        var one = 1;
        if (protocol != Transport.Udp && SetOption(fd, SolSocket, ReuseAddress, in one, 4) < 0)
            return Failed(fd);
        if (isIPv6 && SetOption(fd, SolIPv6, OnlyIPv6, in one, 4) < 0)
            return Failed(fd);

        // sockaddr_in: u16 family, be16 port, be32 address, 8 bytes of padding. uapi/linux/in.h
        // sockaddr_in6: u16 family, be16 port, be32 flow, 16 bytes of address, u32 scope. uapi/linux/in6.h
        var length = isIPv6 ? 28 : 16;
        Span<byte> name = stackalloc byte[28];
        name.Clear();
        MemoryMarshal.Write(name, (ushort)(isIPv6 ? AfInet6 : AfInet));
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], (ushort)port);
        address.TryWriteBytes(name[(isIPv6 ? 8 : 4)..], out _);
        if (isIPv6)
            MemoryMarshal.Write(name[24..], (uint)address.ScopeId);
        if (Bind(fd, in name[0], length) < 0)
            return Failed(fd);
        if (GetName(fd, ref name[0], ref length) < 0)
            return Failed(fd);
        socket = (fd, BinaryPrimitives.ReadUInt16BigEndian(name[2..]));
        return 0;
    }

    /// <summary>Listens on a bound TCP or SCTP socket; 0, or the errno.</summary>
    /// <param name="socket">The socket; one that listens already gets another queue.</param>
    /// <param name="queue">How many connections may wait to be taken; 0 is the shortest queue.</param>
    public static int TryListen(Fd socket, int queue = 0) => Listen(socket, queue) < 0 ? Marshal.GetLastPInvokeError() : 0;

    private static int Failed(Fd fd)
    {
        var errno = Marshal.GetLastPInvokeError();
        fd.Dispose();
        return errno == 0 ? Errno.EIO : errno;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(Fd socket, int level, int name, ref readonly int value, int length);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(Fd socket, ref readonly byte name, int length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static partial int GetName(Fd socket, ref byte name, ref int length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int Listen(Fd socket, int backlog);
}
