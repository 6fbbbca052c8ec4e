using System.Collections.Frozen;
using System.Globalization;

namespace Gantry.Engine.Top;

/// <summary>The columns of ps that need no ps, by the names that its option <c>-o</c> takes. Pure.</summary>
/// <remarks>Source: ps(1) of procps-ng, STANDARD FORMAT SPECIFIERS; compared with it by tests/System/Engine/TopTests.</remarks>
internal static class PsColumns
{
    private const int UserWidth = 8;

    /// <summary>What <c>ps -ef</c> shows.</summary>
    public static readonly string[] Full = ["uid_name", "pid", "ppid", "c", "stime", "tname", "time", "cmd"];

    /// <summary>What <c>ps aux</c> shows.</summary>
    public static readonly string[] UserOriented = ["user", "pid", "pcpu", "pmem", "vsz", "rss", "tname", "stat", "start_time", "bsdtime", "args"];

    private static readonly FrozenDictionary<string, PsColumn> s_all = new Dictionary<string, PsColumn>
    {
        ["uid_name"] = new("UID", static (process, host) => User(process, host)),
        ["user"] = new("USER", static (process, host) => User(process, host)),
        ["euser"] = new("EUSER", static (process, host) => User(process, host)),
        ["uid"] = new("UID", static (process, _) => Number(process.User)),
        ["euid"] = new("EUID", static (process, _) => Number(process.User)),
        ["pid"] = new("PID", static (process, _) => Number(process.Pid)),
        ["ppid"] = new("PPID", static (process, _) => Number(process.Parent)),
        ["pgid"] = new("PGID", static (process, _) => Number(process.Group)),
        ["sid"] = new("SID", static (process, _) => Number(process.Session)),
        ["c"] = new("C", static (process, host) => Number(Math.Min(99, PerMille(process, host) / 10))),
        ["pcpu"] = new("%CPU", static (process, host) => PerMille(process, host) is var share && share > 999 ? Number(share / 10) : Tenths(share)),
        ["pmem"] = new("%MEM", static (process, host) => Tenths(host.MemoryKib == 0 ? 0 : Math.Min(999, process.ResidentKib * 1000 / host.MemoryKib))),
        ["vsz"] = new("VSZ", static (process, _) => Number(process.VirtualKib)),
        ["rss"] = new("RSS", static (process, _) => Number(process.ResidentKib)),
        ["ni"] = new("NI", static (process, _) => Number(process.Nice)),
        ["nlwp"] = new("NLWP", static (process, _) => Number(process.Threads)),
        ["tty"] = new("TT", static (process, _) => Terminal(process.Terminal)),
        ["tname"] = new("TTY", static (process, _) => Terminal(process.Terminal)),
        ["stat"] = new("STAT", static (process, _) => State(process)),
        ["s"] = new("S", static (process, _) => process.State.ToString()),
        ["state"] = new("S", static (process, _) => process.State.ToString()),
        ["stime"] = new("STIME", static (process, host) => Start(process, host)),
        ["start_time"] = new("START", static (process, host) => Start(process, host)),
        ["etime"] = new("ELAPSED", static (process, host) => Elapsed(host.Age(process))),
        ["etimes"] = new("ELAPSED", static (process, host) => Number(host.Age(process))),
        ["time"] = new("TIME", static (process, _) => Time(process.Ticks / PsHost.TicksPerSecond)),
        ["cputime"] = new("TIME", static (process, _) => Time(process.Ticks / PsHost.TicksPerSecond)),
        ["bsdtime"] = new("TIME", static (process, _) => string.Create(CultureInfo.InvariantCulture, $"{process.Ticks / PsHost.TicksPerSecond / 60}:{process.Ticks / PsHost.TicksPerSecond % 60:d2}")),
        ["comm"] = new("COMMAND", static (process, _) => process.Name + (process.State == 'Z' ? " <defunct>" : "")),
        ["cmd"] = new("CMD", static (process, _) => Command(process)),
        ["args"] = new("COMMAND", static (process, _) => Command(process)),
        ["command"] = new("COMMAND", static (process, _) => Command(process)),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The column of a name; null: only ps itself knows it.</summary>
    public static PsColumn? Find(string name) => s_all.GetValueOrDefault(name);

    private static string User(ProcessRow process, PsHost host)
    {
        if (!host.Users.TryGetValue(process.User, out var name))
            return Number(process.User);
        return name.Length > UserWidth ? name[..(UserWidth - 1)] + "+" : name;
    }

    private static long PerMille(ProcessRow process, PsHost host) => host.Age(process) is var age and > 0 ? process.Ticks * 1000 / PsHost.TicksPerSecond / age : 0;

    private static string Tenths(long value) => string.Create(CultureInfo.InvariantCulture, $"{value / 10}.{value % 10}");

    /// <summary>The kernel's numbering of terminals: consoles, serial lines, and pseudo-terminals in eight majors.</summary>
    private static string Terminal(int device)
    {
        var (major, minor) = ((device >> 8) & 0xFFF, (device & 0xFF) | ((device >> 12) & 0xFFF00));
        return major switch
        {
            4 when minor < 64 => $"tty{minor}",
            4 => $"ttyS{minor - 64}",
            >= 136 and <= 143 => $"pts/{minor + ((major - 136) * 256)}",
            _ => "?",
        };
    }

    private static string State(ProcessRow process) => string.Concat(
        process.State.ToString(),
        process.Nice < 0 ? "<" : process.Nice > 0 ? "N" : "",
        process.LockedKib > 0 ? "L" : "",
        process.Session == process.Pid ? "s" : "",
        process.Threads > 1 ? "l" : "",
        process.Group == process.TerminalGroup ? "+" : "");

    /// <summary>The time of a start today, the day of one this year, the year of one before.</summary>
    private static string Start(ProcessRow process, PsHost host)
    {
        var start = host.Start(process);
        return start.ToString(start.Year != host.Now.Year ? "yyyy" : start.DayOfYear != host.Now.DayOfYear ? "MMMdd" : "HH:mm", CultureInfo.InvariantCulture);
    }

    private static string Time(long seconds)
    {
        var days = seconds / 86400;
        var time = string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600 % 24:d2}:{seconds / 60 % 60:d2}:{seconds % 60:d2}");
        return days > 0 ? $"{Number(days)}-{time}" : time;
    }

    // As the time, but without hours when there are none.
    private static string Elapsed(long seconds) => seconds < 3600 ? Time(seconds)[3..] : Time(seconds);

    private static string Command(ProcessRow process) => process.State == 'Z' ? $"[{process.Name}] <defunct>" : process.Arguments.Length > 0 ? process.Arguments : $"[{process.Name}]";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
