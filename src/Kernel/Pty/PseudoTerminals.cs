using System.Runtime.InteropServices;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Pty;

/// <summary>Pseudo-terminals and terminal modes. Source: pty(7), ioctl_tty(2).</summary>
public static unsafe partial class PseudoTerminals
{
    public const uint TIOCSCTTY = 0x540E;
    public const uint TIOCGPTPEER = 0x5441;
    public const uint TIOCSPTLCK = 0x40045431;
    private const uint TIOCGWINSZ = 0x5413;
    private const uint TIOCSWINSZ = 0x5414;
    private const int TermiosSizeBytes = 60;
    private const int TCSANOW = 0;
    private const int TCSADRAIN = 1;

    /// <summary>Opens a pair from the host's devpts: what is written to one end is read from the other.</summary>
    /// <exception cref="SyscallException">No pty left, or no devpts.</exception>
    public static (Fd Master, Fd Slave) OpenPair()
    {
        var master = Files.Open("/dev/ptmx", OpenFlags.O_RDWR | OpenFlags.O_NOCTTY);
        var unlock = 0;
        if (NativeIoctl(master.Number, TIOCSPTLCK, (nint)(&unlock)) < 0) throw Failed(master, "TIOCSPTLCK");
        var slave = NativeIoctl(master.Number, TIOCGPTPEER, OpenFlags.O_RDWR | OpenFlags.O_NOCTTY | OpenFlags.O_CLOEXEC);
        return slave < 0 ? throw Failed(master, "TIOCGPTPEER") : (master, new Fd(slave));
    }

    /// <summary>
    /// Whether a descriptor that came out of a container is the master side of a pty, and nothing that only bears its name
    /// (CVE-2025-52565).
    /// </summary>
    public static bool IsMaster(Fd fd)
    {
        const long DevptsMagic = 0x1cd1;
        var status = Files.Status(fd);
        return status is { IsCharDevice: true, RdevMajor: 5, RdevMinor: 2 } && Files.FileSystemType(fd) == DevptsMagic;
    }

    /// <summary>Sets a terminal's size in characters and tells its foreground processes (SIGWINCH).</summary>
    public static void SetSize(Fd terminal, int height, int width)
    {
        var size = stackalloc ushort[4];
        size[0] = (ushort)Math.Clamp(height, 0, ushort.MaxValue);
        size[1] = (ushort)Math.Clamp(width, 0, ushort.MaxValue);
        size[2] = 0;
        size[3] = 0;
        if (NativeIoctl(terminal.Number, TIOCSWINSZ, (nint)size) < 0) throw new SyscallException("ioctl", Marshal.GetLastPInvokeError(), "TIOCSWINSZ");
    }

    /// <summary>A terminal's size in characters; null when the descriptor is none.</summary>
    public static (int Height, int Width)? FindSize(int number)
    {
        var size = stackalloc ushort[4];
        return NativeIoctl(number, TIOCGWINSZ, (nint)size) < 0 ? null : (size[0], size[1]);
    }

    /// <summary>Whether a descriptor is a terminal.</summary>
    public static bool IsTerminal(int number) => FindSize(number) is not null;

    /// <summary>Puts a terminal into raw mode and returns what <see cref="Restore"/> needs; null when it is no terminal.</summary>
    public static byte[]? EnterRaw(int number)
    {
        var saved = new byte[TermiosSizeBytes];
        var raw = stackalloc byte[TermiosSizeBytes];
        fixed (byte* p = saved)
        {
            if (NativeTcgetattr(number, p) < 0) return null;
        }

        saved.CopyTo(new Span<byte>(raw, TermiosSizeBytes));
        NativeCfmakeraw(raw);
        return NativeTcsetattr(number, TCSANOW, raw) < 0 ? null : saved;
    }

    /// <summary>Puts a terminal back into the mode it had.</summary>
    public static void Restore(int number, byte[] saved)
    {
        fixed (byte* p = saved) _ = NativeTcsetattr(number, TCSADRAIN, p);
    }

    private static SyscallException Failed(Fd master, string request)
    {
        var errno = Marshal.GetLastPInvokeError();
        master.Dispose();
        return new SyscallException("ioctl", errno, request);
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int NativeIoctl(int fd, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int NativeTcgetattr(int fd, byte* termios);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int NativeTcsetattr(int fd, int action, byte* termios);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void NativeCfmakeraw(byte* termios);
}
