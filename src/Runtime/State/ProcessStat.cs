using System.Globalization;
using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;

namespace Gantry.Runtime.State;

/// <summary>A line of <c>/proc/PID/stat</c>. Source: proc(5).</summary>
/// <param name="State">R, S, D, Z, …</param>
/// <param name="ParentPid">The parent.</param>
/// <param name="StartTime">Clock ticks since boot.</param>
/// <param name="Command">The program's name, as the kernel has it.</param>
public sealed record ProcessStat(char State, int ParentPid, ulong StartTime, string Command)
{
    /// <summary>Whether the process has ended and only waits to be reaped.</summary>
    public bool IsDead => State is 'Z' or 'X';

    /// <summary>Reads it; null when there is no such process.</summary>
    public static ProcessStat? Find(int pid)
    {
        var result = Files.TryOpenAt(null, $"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat", OpenFlags.O_RDONLY, 0, out var fd);
        if (result < 0) return null;
        using (fd)
        {
            var buffer = new byte[4096];
            var length = Files.TryRead(fd!, buffer);
            return length == -Errno.ESRCH || length <= 0 ? null : Parse(Encoding.UTF8.GetString(buffer, 0, length));
        }
    }

    /// <summary>Parses it. The name stands in parentheses and may itself contain some.</summary>
    public static ProcessStat? Parse(string line)
    {
        int open = line.IndexOf('(', StringComparison.Ordinal), close = line.LastIndexOf(')');
        if (open < 0 || close < open || close + 2 >= line.Length) return null;
        var fields = line[(close + 2)..].Split(' ');
        return fields.Length > 19 && int.TryParse(fields[1], CultureInfo.InvariantCulture, out var parent) && ulong.TryParse(fields[19], CultureInfo.InvariantCulture, out var start)
            ? new ProcessStat(fields[0][0], parent, start, line[(open + 1)..close])
            : null;
    }
}
