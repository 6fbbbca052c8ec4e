using System.Globalization;
using Gantry.Kernel.Abi;

namespace Gantry.Engine.Containers;

/// <summary>Which signals a process catches and blocks, as bit masks: bit n-1 is signal n.</summary>
internal sealed record ProcessSignals(ulong Caught, ulong Blocked)
{
    public bool Catches(int signal) => (Caught >> (signal - 1) & 1) != 0;

    public bool Blocks(int signal) => (Blocked >> (signal - 1) & 1) != 0;

    /// <summary>Reads a process's masks; null when it is gone.</summary>
    public static ProcessSignals? Read(int pid)
    {
        try
        {
            return Parse(File.ReadAllText($"/proc/{pid}/status"));
        }
        catch (IOException)
        {
            return null; // ENOENT, or ESRCH while reading
        }
    }

    /// <summary>Whether one of its threads waits for signals with sigwait(3) and the like, as init programs do: it takes them, though it neither catches them nor shows them as blocked while it waits.</summary>
    public static bool Awaits(int pid)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{pid}/task").Any(thread => IsSigwait(File.ReadAllText($"{thread}/syscall")));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether /proc/PID/syscall names rt_sigtimedwait(2).</summary>
    internal static bool IsSigwait(string syscall) =>
        int.TryParse(syscall.AsSpan(0, Math.Max(0, syscall.IndexOf(' ', StringComparison.Ordinal))), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number == SyscallNumbers.RtSigtimedwait;

    /// <summary>Parses /proc/PID/status; null when it has no masks (a zombie's has, a kernel thread's too).</summary>
    internal static ProcessSignals? Parse(string status)
    {
        ulong? caught = null, blocked = null;
        foreach (var line in status.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("SigCgt:"))
                caught = Mask(line[7..]);
            else if (line.StartsWith("SigBlk:"))
                blocked = Mask(line[7..]);
        }
        return caught is null || blocked is null ? null : new(caught.Value, blocked.Value);
    }

    private static ulong? Mask(ReadOnlySpan<char> text) => ulong.TryParse(text.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mask) ? mask : null;
}
