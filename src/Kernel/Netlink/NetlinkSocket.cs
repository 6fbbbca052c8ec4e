using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Netlink;

/// <summary>
/// A netlink socket of the network namespace in which its creating thread stood. It may be used from any thread, one at
/// a time.
/// </summary>
/// <remarks>Source: netlink(7), rtnetlink(7).</remarks>
public sealed partial class NetlinkSocket : IDisposable
{
    public const int Route = 0;
    public const int Netfilter = 12;

    internal const ushort Request = 0x1;
    internal const ushort Ack = 0x4;
    internal const ushort DumpFlag = 0x300;
    internal const ushort Exclusive = 0x200;
    internal const ushort Replace = 0x100;
    internal const ushort CreateFlag = 0x400;

    private const int AfNetlink = 16;
    private const int SockRawCloexec = 3 | 0x80000;
    private const ushort ErrorType = 2;
    private const ushort DoneType = 3;
    private const int MsgTrunc = 0x20;

    // A dump's datagram is at most 32 KiB (NLMSG_GOODSIZE grows to that when the reader offers it).
    private readonly byte[] _receive = new byte[32 * 1024];
    private readonly Fd _socket;

    private NetlinkSocket(Fd socket) => _socket = socket;

    /// <summary>Reads one message of a dump.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="body">What follows the netlink header.</param>
    public delegate void MessageReader(ushort type, ReadOnlySpan<byte> body);

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="SyscallException">No permission, or no such family in this kernel.</exception>
    public static NetlinkSocket Open(int family)
    {
        var descriptor = Socket(AfNetlink, SockRawCloexec, family);
        if (descriptor < 0)
            throw new SyscallException("socket", Marshal.GetLastPInvokeError(), "AF_NETLINK");
        return new(new Fd(descriptor));
    }

    /// <summary>Sends all messages at once and reads an acknowledgement for each; every message must ask for one.</summary>
    /// <returns>The index of the first refused message and its errno, or (-1, 0). Later messages were carried out all the same.</returns>
    public (int Index, int Errno) Execute(NetlinkWriter messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Transmit(messages.Written);
        var failed = (Index: -1, Errno: 0);
        for (var left = messages.Count; left > 0;)
        {
            var rest = Receive();
            while (TryMessage(ref rest, out var type, out var sequence, out var body))
            {
                if (type != ErrorType || body.Length < 4)
                    continue;
                left--;
                var errno = -MemoryMarshal.Read<int>(body);
                if (errno != 0 && (failed.Index < 0 || sequence < failed.Index))
                    failed = ((int)sequence, errno);
            }
        }

        return failed;
    }

    /// <summary>Sends one dump request and reads its whole answer.</summary>
    /// <returns>0, or the errno with which the kernel refused it.</returns>
    public int Dump(NetlinkWriter request, MessageReader reader)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(reader);
        Transmit(request.Written);
        while (true)
        {
            var rest = Receive();
            while (TryMessage(ref rest, out var type, out _, out var body))
            {
                switch (type)
                {
                    case DoneType:
                        return body.Length >= 4 ? -MemoryMarshal.Read<int>(body) : 0;
                    case ErrorType:
                        return body.Length >= 4 ? -MemoryMarshal.Read<int>(body) : Errno.EIO;
                    default:
                        reader(type, body);
                        break;
                }
            }
        }
    }

    /// <summary>Sends one request that is answered by one message, and an acknowledgement.</summary>
    /// <returns>0, or the errno.</returns>
    public int Query(NetlinkWriter request, MessageReader reader)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(reader);
        Transmit(request.Written);
        while (true)
        {
            var rest = Receive();
            while (TryMessage(ref rest, out var type, out _, out var body))
            {
                if (type == ErrorType)
                    return body.Length >= 4 ? -MemoryMarshal.Read<int>(body) : Errno.EIO;
                reader(type, body);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool TryMessage(ref ReadOnlySpan<byte> rest, out ushort type, out uint sequence, out ReadOnlySpan<byte> body)
    {
        type = 0;
        sequence = 0;
        body = default;
        if (rest.Length < NetlinkWriter.HeaderLength)
            return false;
        var length = (int)Math.Min(MemoryMarshal.Read<uint>(rest), int.MaxValue);
        if (length < NetlinkWriter.HeaderLength || length > rest.Length)
            return false;
        type = MemoryMarshal.Read<ushort>(rest[4..]);
        sequence = MemoryMarshal.Read<uint>(rest[8..]);
        body = rest[NetlinkWriter.HeaderLength..length];
        rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
        return true;
    }

    private void Transmit(ReadOnlySpan<byte> bytes)
    {
        while (Send(_socket.Number, in MemoryMarshal.GetReference(bytes), (nuint)bytes.Length, 0) < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
                throw new SyscallException("sendmsg", errno, "netlink");
        }
    }

    private ReadOnlySpan<byte> Receive()
    {
        while (true)
        {
            var count = Recv(_socket.Number, ref MemoryMarshal.GetArrayDataReference(_receive), (nuint)_receive.Length, MsgTrunc);
            if (count >= 0)
                return count <= _receive.Length ? _receive.AsSpan(0, (int)count) : throw new SyscallException("recvmsg", Errno.EMSGSIZE, "netlink");
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
                throw new SyscallException("recvmsg", errno, "netlink");
        }
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int socket, ref readonly byte buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Recv(int socket, ref byte buffer, nuint length, int flags);
}
