using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Cgroups;

/// <summary>The events files of version 2 cgroups, which poll(2) reports as changed. Source: kernel Documentation/admin-guide/cgroup-v2.rst.</summary>
public static unsafe partial class CgroupEvents
{
    private const short POLLPRI = 2;
    private const short POLLERR = 8;

    /// <summary>The content now; from here on a change is reported.</summary>
    public static byte[] Read(Fd events)
    {
        var buffer = new byte[4096];
        fixed (byte* bytes = buffer)
        {
            var length = NativePread(events.Number, bytes, (nuint)buffer.Length, 0);
            return length < 0 ? throw new SyscallException("pread", Marshal.GetLastPInvokeError(), "cgroup.events") : buffer[..(int)length];
        }
    }

    /// <summary>Waits until the file changes after the last read; false when the time passed.</summary>
    public static bool WaitForChange(Fd events, int timeoutMs)
    {
        while (true)
        {
            var poll = new PollFd { Fd = events.Number, Events = POLLPRI };
            var result = NativePoll(&poll, 1, timeoutMs);
            if (result >= 0)
                return result > 0 && (poll.Returned & (POLLPRI | POLLERR)) != 0;
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
                throw new SyscallException("poll", errno, "cgroup.events");
        }
    }

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint NativePread(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int NativePoll(PollFd* fds, nuint count, int timeoutMs);

    private struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }
}
