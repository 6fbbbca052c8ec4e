using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Launch;

/// <summary>The parent's side of the conversation with a forked child: a pair of SOCK_SEQPACKET sockets.</summary>
public sealed unsafe partial class SyncChannel : IDisposable
{
    private const int AF_UNIX = 1;
    private const int SOCK_SEQPACKET_CLOEXEC = 5 | 0x80000;
    private const int SOL_SOCKET = 1;
    private const int SCM_RIGHTS = 1;
    private const int MSG_CMSG_CLOEXEC = 0x40000000;
    private const int MSG_NOSIGNAL = 0x4000;

    private SyncChannel(Fd parent, Fd child)
    {
        Parent = parent;
        Child = child;
    }

    /// <summary>The parent's end.</summary>
    public Fd Parent { get; }

    /// <summary>The child's end; close it in the parent after the fork, or the channel never ends.</summary>
    public Fd Child { get; }

    /// <summary>Opens a channel.</summary>
    public static SyncChannel Open()
    {
        var ends = stackalloc int[2];
        if (NativeSocketpair(AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, ends) < 0) throw new SyscallException("socketpair", Marshal.GetLastPInvokeError());
        return new SyncChannel(new Fd(ends[0]), new Fd(ends[1]));
    }

    /// <summary>Waits for a message; <see cref="ChildMessageKind.End"/> when the channel has ended.</summary>
    /// <param name="passed">A descriptor that came with it; the caller owns it.</param>
    public ChildMessage Receive(out Fd? passed)
    {
        var data = stackalloc int[4];
        var control = stackalloc long[3];
        var vector = stackalloc nint[2];
        vector[0] = (nint)data;
        vector[1] = ChildMessage.SizeBytes;
        var header = stackalloc nint[7]; // struct msghdr: name, namelen, iov, iovlen, control, controllen, flags
        passed = null;
        while (true)
        {
            header[0] = 0;
            header[1] = 0;
            header[2] = (nint)vector;
            header[3] = 1;
            header[4] = (nint)control;
            header[5] = 24;
            header[6] = 0;
            var length = NativeRecvmsg(Parent.Number, header, MSG_CMSG_CLOEXEC);
            if (length < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Errno.EINTR) continue;
                if (errno == Errno.ECONNRESET) return default;
                throw new SyscallException("recvmsg", errno, "the launched child");
            }

            // struct cmsghdr: length (8), level (4), type (4), then one descriptor.
            var ints = (int*)control;
            if (header[5] >= 20 && ints[2] == SOL_SOCKET && ints[3] == SCM_RIGHTS) passed = new Fd(ints[4]);
            return length < ChildMessage.SizeBytes ? default : new ChildMessage((ChildMessageKind)data[0], data[1], data[2]);
        }
    }

    /// <summary>Lets a child go on that asked, or that waits at its gate; false when it is gone.</summary>
    public bool Answer()
    {
        byte one = 1;
        while (true)
        {
            if (NativeSend(Parent.Number, &one, 1, MSG_NOSIGNAL) == 1) return true;
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EINTR) continue;
            return errno is Errno.EPIPE or Errno.ECONNRESET ? false : throw new SyscallException("send", errno, "the launched child");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Parent.Dispose();
        Child.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int NativeSocketpair(int domain, int type, int protocol, int* ends);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint NativeRecvmsg(int fd, nint* header, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint NativeSend(int fd, byte* data, nuint length, int flags);
}
