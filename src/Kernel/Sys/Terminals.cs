using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;

namespace Gantry.Kernel.Sys;

/// <summary>The terminal a person sits at: is it one, how large, raw mode and back. termios(3), ioctl_tty(2).</summary>
public static unsafe partial class Terminals
{
    private const nuint TCGETS = 0x5401;
    private const nuint TCSETS = 0x5402;
    private const nuint TIOCGWINSZ = 0x5413;

    // asm-generic/termbits.h
    private const uint IGNBRK = 0x1, BRKINT = 0x2, PARMRK = 0x8, ISTRIP = 0x20, INLCR = 0x40, IGNCR = 0x80, ICRNL = 0x100, IXON = 0x400;
    private const uint OPOST = 0x1;
    private const uint CSIZE = 0x30, CS8 = 0x30, PARENB = 0x100;
    private const uint ISIG = 0x1, ICANON = 0x2, ECHO = 0x8, ECHONL = 0x40, IEXTEN = 0x8000;
    private const int VTIME = 5, VMIN = 6;

    /// <summary>Whether a descriptor is a terminal.</summary>
    public static bool IsTerminal(int descriptor)
    {
        KernelTermios termios;
        return Ioctl(descriptor, TCGETS, &termios) == 0;
    }

    /// <summary>A terminal's size in characters; null when it is none, or does not know.</summary>
    public static (int Rows, int Columns)? FindSize(int descriptor)
    {
        WindowSize size;
        return Ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.Rows != 0 ? (size.Rows, size.Columns) : null;
    }

    /// <summary>Waits until a descriptor that does not block can be read from or written to, as a shell's may be made by another program.</summary>
    public static void AwaitReady(int descriptor, bool forWriting)
    {
        var poll = new PollDescriptor { Descriptor = descriptor, Events = forWriting ? (short)0x4 : (short)0x1 }; // POLLOUT, POLLIN
        _ = Poll(&poll, 1, -1); // whatever it says, the next read or write says it better
    }

    /// <summary>Puts a terminal into raw mode: each byte as typed, nothing echoed, no signals, output untranslated.</summary>
    /// <returns>The mode it was in, for <see cref="Restore"/>.</returns>
    /// <exception cref="SyscallException">It is no terminal.</exception>
    public static TerminalMode MakeRaw(int descriptor)
    {
        KernelTermios termios;
        if (Ioctl(descriptor, TCGETS, &termios) != 0)
            throw new SyscallException("ioctl(TCGETS)", Marshal.GetLastPInvokeError(), $"descriptor {descriptor}");
        var before = new TerminalMode(termios);
        termios.Input &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
        termios.Output &= ~OPOST;
        termios.Local &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
        termios.Control = (termios.Control & ~(CSIZE | PARENB)) | CS8;
        termios.Characters[VMIN] = 1;
        termios.Characters[VTIME] = 0;
        Set(descriptor, termios);
        return before;
    }

    /// <summary>Gives a terminal back the mode it had.</summary>
    /// <exception cref="SyscallException">The terminal is gone.</exception>
    public static void Restore(int descriptor, TerminalMode mode)
    {
        ArgumentNullException.ThrowIfNull(mode);
        Set(descriptor, mode.Value);
    }

    private static void Set(int descriptor, KernelTermios termios)
    {
        while (Ioctl(descriptor, TCSETS, &termios) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
                throw new SyscallException("ioctl(TCSETS)", errno, $"descriptor {descriptor}");
        }
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(int descriptor, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMs);

    // struct pollfd, asm-generic/poll.h: 8 bytes.
    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    // struct winsize, asm-generic/termios.h: 8 bytes.
    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort XPixels;
        public ushort YPixels;
    }

    // struct termios of the kernel (not of libc), asm-generic/termbits.h: 36 bytes.
    [StructLayout(LayoutKind.Sequential)]
    internal struct KernelTermios
    {
        public uint Input;
        public uint Output;
        public uint Control;
        public uint Local;
        public byte Line;
        public fixed byte Characters[19];
    }
}
