using System.Runtime.InteropServices;
using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>Unix stream sockets, and descriptors sent over them. Sources: unix(7), sendmsg(2), recvmsg(2), cmsg(3).</summary>
public static unsafe partial class Sockets
{
    /// <summary>How many descriptors one message may carry: SCM_MAX_FD.</summary>
    public const int MaxFdsPerMessage = 253;

    private const int AF_UNIX = 1;
    private const int SOCK_STREAM = 1;
    private const int SOCK_NONBLOCK = 0x800;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SOL_SOCKET = 1;
    private const int SO_PEERCRED = 17;
    private const int SCM_RIGHTS = 1;
    private const int MSG_DONTWAIT = 0x40;
    private const int MSG_NOSIGNAL = 0x4000;
    private const int MSG_CMSG_CLOEXEC = 0x40000000;
    private const int SHUT_WR = 1;
    private const int SHUT_RDWR = 2;
    private const int ControlHeader = 16; // struct cmsghdr on 64-bit
    private const int MaxPath = 108;      // sun_path

    private static readonly Lazy<Fd> _barrier = new(static () =>
    {
        var (read, write) = Files.Pipe();
        write.Dispose();
        return read;
    });

    /// <summary>Makes two connected sockets; both block and are close-on-exec.</summary>
    public static (Fd First, Fd Second) OpenPair()
    {
        var ends = stackalloc int[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
            throw new SyscallException("socketpair", Marshal.GetLastPInvokeError());
        return (new Fd(ends[0]), new Fd(ends[1]));
    }

    /// <summary>Listens, not blocking, on a path of the file system. What is there already is an error (EADDRINUSE).</summary>
    public static Fd Listen(string path, int backlog = 16)
    {
        var socket = Open(SOCK_NONBLOCK);
        try
        {
            WithAddress(path, (address, length) => bind(socket, address, length), "bind");
            if (listen(socket, backlog) != 0)
                throw new SyscallException("listen", Marshal.GetLastPInvokeError(), path);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects to a path of the file system.</summary>
    public static Fd Connect(string path)
    {
        var socket = Open(0);
        try
        {
            WithAddress(path, (address, length) => connect(socket, address, length), "connect");
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes the next connection, which does not block; null when there is none.</summary>
    public static Fd? TryAccept(Fd listener)
    {
        var descriptor = accept4(listener, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK);
        return descriptor >= 0 ? new Fd(descriptor) : null;
    }

    /// <summary>Who is at the other end of a connected Unix socket.</summary>
    public static (int Pid, uint Uid, uint Gid) GetPeer(Fd socket)
    {
        var credentials = stackalloc uint[3];
        uint length = 12;
        if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, credentials, &length) != 0)
            throw new SyscallException("getsockopt(SO_PEERCRED)", Marshal.GetLastPInvokeError());
        return ((int)credentials[0], credentials[1], credentials[2]);
    }

    /// <summary>Tells the peer that nothing more will be sent.</summary>
    public static void ShutdownWrite(Fd socket) => _ = shutdown(socket, SHUT_WR);

    /// <summary>Ends both directions: who waits for bytes, here or at the other end, reads the end.</summary>
    public static void Shutdown(Fd socket) => _ = shutdown(socket, SHUT_RDWR);

    /// <summary>Sends bytes so that no reader gets what is sent after them in the same call, however much it asks for and however late it asks.</summary>
    /// <remarks>
    /// A descriptor that goes along is a barrier in the stream (unix(7), "Ancillary data … is a kind of barrier for the received data"). It is
    /// one end of a pipe without another end, worth nothing to whoever takes it; those who read without asking for descriptors never see it.
    /// </remarks>
    /// <param name="socket">A Unix stream socket.</param>
    /// <param name="bytes">At least one.</param>
    /// <returns>How many bytes were taken; negative: the error number.</returns>
    public static int TrySendApart(SafeHandle socket, ReadOnlySpan<byte> bytes) => TrySend(socket, bytes, _barrier.Value);

    /// <summary>Sends once, without waiting and without SIGPIPE; descriptors go with the first byte.</summary>
    /// <returns>How many bytes were taken (then the descriptors went too); negative: the error number.</returns>
    public static int TrySend(SafeHandle socket, ReadOnlySpan<byte> bytes, params ReadOnlySpan<Fd> fds)
    {
        if (fds.Length > MaxFdsPerMessage)
            throw new SyscallException("sendmsg", Errno.EINVAL, $"{fds.Length} descriptors, at most {MaxFdsPerMessage} can be sent at once");
        var control = stackalloc byte[ControlHeader + (4 * MaxFdsPerMessage)];
        fixed (byte* start = bytes)
        {
            var vector = new IoVector { Start = start, Length = (nuint)bytes.Length };
            var message = new MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (fds.Length > 0)
            {
                var length = ControlHeader + (4 * fds.Length);
                *(nuint*)control = (nuint)length;
                ((int*)control)[2] = SOL_SOCKET;
                ((int*)control)[3] = SCM_RIGHTS;
                for (var i = 0; i < fds.Length; i++)
                    ((int*)(control + ControlHeader))[i] = fds[i].Number;
                message.Control = control;
                message.ControlLength = (nuint)((length + 7) & ~7);
            }
            while (true)
            {
                var count = sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
                if (count >= 0)
                    return (int)count;
                var errno = Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR)
                    return -errno;
            }
        }
    }

    /// <summary>Receives once, without waiting.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="fds">Descriptors that came along are appended; they are the caller's. Null: they are closed.</param>
    /// <returns>How many bytes; 0 at the end; negative: the error number.</returns>
    public static int TryReceive(Fd socket, Span<byte> buffer, List<Fd>? fds = null)
    {
        const int room = ControlHeader + (4 * MaxFdsPerMessage);
        var control = stackalloc byte[room];
        fixed (byte* start = buffer)
        {
            var vector = new IoVector { Start = start, Length = (nuint)buffer.Length };
            while (true)
            {
                var message = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = room };
                var count = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
                if (count >= 0)
                {
                    TakeFds(control, (int)message.ControlLength, fds);
                    return (int)count;
                }
                var errno = Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR)
                    return -errno;
            }
        }
    }

    private static void TakeFds(byte* control, int length, List<Fd>? fds)
    {
        for (var at = 0; at + ControlHeader <= length;)
        {
            var size = (int)*(nuint*)(control + at);
            if (size < ControlHeader)
                return;
            if (((int*)(control + at))[2] == SOL_SOCKET && ((int*)(control + at))[3] == SCM_RIGHTS)
            {
                for (var i = at + ControlHeader; i + 4 <= at + size; i += 4)
                {
                    var received = new Fd(*(int*)(control + i));
                    if (fds is null)
                        received.Dispose();
                    else
                        fds.Add(received);
                }
            }
            at += (size + 7) & ~7;
        }
    }

    private static Fd Open(int flags)
    {
        var descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
        return descriptor >= 0 ? new Fd(descriptor) : throw new SyscallException("socket", Marshal.GetLastPInvokeError());
    }

    private delegate int AddressCall(byte* address, uint length);

    private static void WithAddress(string path, AddressCall call, string name)
    {
        var address = stackalloc byte[2 + MaxPath];
        if (Encoding.UTF8.GetByteCount(path) >= MaxPath)
            throw new SyscallException(name, Errno.ENAMETOOLONG, path);
        *(ushort*)address = AF_UNIX;
        var count = Encoding.UTF8.GetBytes(path, new Span<byte>(address + 2, MaxPath));
        address[2 + count] = 0;
        if (call(address, (uint)(2 + count + 1)) != 0)
            throw new SyscallException(name, Marshal.GetLastPInvokeError(), path);
    }

    // struct iovec and struct msghdr: the same on x86-64 and arm64.
    private struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }

    private struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int domain, int type, int protocol, int* ends);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(Fd socket, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int listen(Fd socket, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(Fd socket, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(Fd socket, byte* address, uint* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(Fd socket, int level, int name, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int shutdown(Fd socket, int how);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(SafeHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(Fd socket, MessageHeader* message, int flags);
}
