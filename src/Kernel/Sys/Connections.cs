using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>Connections to servers, for an event loop: the sockets do not block. Sources: connect(2), ip(7), ipv6(7), unix(7).</summary>
public static unsafe partial class Connections
{
    private const int AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10;
    private const int SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_NONBLOCK = 0x800, SOCK_CLOEXEC = 0x80000;
    private const int SOL_SOCKET = 1, SO_ERROR = 4, IPPROTO_TCP = 6, TCP_NODELAY = 1;
    private const short POLLIN = 1, POLLOUT = 4;
    private const int AddressLength = 110; // sockaddr_un, the longest

    /// <summary>Connects to an address and port.</summary>
    /// <param name="isTcp">TCP, else UDP, where nothing is sent yet.</param>
    /// <param name="address">IPv4 or IPv6.</param>
    /// <param name="port">The port.</param>
    /// <param name="timeoutMs">How long to wait for the answer.</param>
    /// <exception cref="SyscallException">Nobody listens there (ECONNREFUSED), it does not answer (ETIMEDOUT), there is no way to it.</exception>
    public static Fd Connect(bool isTcp, IPAddress address, int port, int timeoutMs)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> name = stackalloc byte[AddressLength];
        var length = Name(name, address, port);
        return Open(FamilyOf(address), isTcp ? SOCK_STREAM : SOCK_DGRAM, name[..length], timeoutMs, $"{address} port {port}");
    }

    /// <summary>Begins to connect to an address and port by TCP, without waiting: when the socket is writable, <see cref="TakeError"/> tells how that went.</summary>
    /// <returns>0, or the errno of a connection that failed at once; there is no socket then.</returns>
    public static int TryBegin(IPAddress address, int port, out Fd? connection)
    {
        ArgumentNullException.ThrowIfNull(address);
        connection = null;
        var descriptor = socket(FamilyOf(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (descriptor < 0)
            return Marshal.GetLastPInvokeError();
        var fd = new Fd(descriptor);
        Span<byte> name = stackalloc byte[AddressLength];
        var length = Name(name, address, port);
        fixed (byte* start = name)
        {
            var errno = connect(fd, start, (uint)length) == 0 ? 0 : Marshal.GetLastPInvokeError();
            if (errno is not (0 or Errno.EINPROGRESS))
            {
                fd.Dispose();
                return errno;
            }
        }
        connection = fd;
        return 0;
    }

    /// <summary>What went wrong with a socket since this was last asked; 0: nothing.</summary>
    public static int TakeError(Fd socket) => Pending(socket);

    /// <summary>Has a TCP connection send at once what it is given, however little (TCP_NODELAY).</summary>
    public static void SendAtOnce(Fd socket)
    {
        var one = 1;
        _ = setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, 4);
    }

    /// <summary>Connects to a socket of the file system.</summary>
    public static Fd Connect(string path, bool isDatagram)
    {
        Span<byte> name = stackalloc byte[AddressLength];
        name.Clear();
        MemoryMarshal.Write(name, (ushort)AF_UNIX);
        if (Encoding.UTF8.GetByteCount(path) >= AddressLength - 2)
            throw new SyscallException("connect", Errno.ENAMETOOLONG, path);
        var length = Encoding.UTF8.GetBytes(path, name[2..]);
        return Open(AF_UNIX, isDatagram ? SOCK_DGRAM : SOCK_STREAM, name[..(length + 3)], 0, path);
    }

    /// <summary>Waits until something can be sent; false when the time passed.</summary>
    public static bool WaitWritable(Fd socket, int timeoutMs) => Wait(socket, POLLOUT, timeoutMs);

    /// <summary>Waits until something has come, or the end; false when the time passed.</summary>
    public static bool WaitReadable(Fd socket, int timeoutMs) => Wait(socket, POLLIN, timeoutMs);

    private static int FamilyOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? AF_INET6 : AF_INET;

    // sockaddr_in: family, port, address; sockaddr_in6: family, port, flow, address, scope. uapi/linux/in.h, in6.h
    private static int Name(Span<byte> name, IPAddress address, int port)
    {
        var isV6 = FamilyOf(address) == AF_INET6;
        name.Clear();
        MemoryMarshal.Write(name, (ushort)FamilyOf(address));
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], (ushort)port);
        address.TryWriteBytes(name[(isV6 ? 8 : 4)..], out _);
        return isV6 ? 28 : 16;
    }

    private static bool Wait(Fd socket, short what, int timeoutMs)
    {
        var events = stackalloc int[2];
        int result;
        do
            (events[0], events[1]) = (socket.Number, what);
        while ((result = poll(events, 1, timeoutMs)) < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        return result > 0;
    }

    private static Fd Open(int family, int type, ReadOnlySpan<byte> name, int timeoutMs, string subject)
    {
        var descriptor = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (descriptor < 0)
            throw new SyscallException("socket", Marshal.GetLastPInvokeError(), subject);
        var fd = new Fd(descriptor);
        fixed (byte* address = name)
        {
            var errno = connect(fd, address, (uint)name.Length) == 0 ? 0 : Marshal.GetLastPInvokeError();
            if (errno == Errno.EINPROGRESS)
                errno = WaitWritable(fd, timeoutMs) ? Pending(fd) : Errno.ETIMEDOUT;
            if (errno == 0)
                return fd;
            fd.Dispose();
            throw new SyscallException("connect", errno, subject);
        }
    }

    private static int Pending(Fd fd)
    {
        int errno;
        uint length = 4;
        return getsockopt(fd, SOL_SOCKET, SO_ERROR, &errno, &length) == 0 ? errno : Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(Fd socket, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(Fd socket, int level, int name, int* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(Fd socket, int level, int name, int* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(int* events, nuint count, int timeoutMs);
}
