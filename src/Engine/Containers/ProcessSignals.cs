using System.Globalization;

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
