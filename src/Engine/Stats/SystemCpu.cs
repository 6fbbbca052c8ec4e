using System.Globalization;

namespace Gantry.Engine.Stats;

/// <summary>The processor time of the whole machine, which a container's share is compared with.</summary>
/// <param name="TotalNs">Of all processors, idle time included.</param>
/// <param name="Online">How many processors run.</param>
/// <remarks>Source: proc(5), /proc/stat; moby daemon/stats/collector_unix.go counts the same seven columns.</remarks>
internal readonly record struct SystemCpu(long TotalNs, int Online)
{
    // The kernel counts in USER_HZ, which is 100 on every machine.
    private const long TickNs = 10_000_000;
    private const int Columns = 7; // user nice system idle iowait irq softirq; time stolen by a hypervisor is nobody's

    public static SystemCpu Read() => Parse(File.ReadAllText("/proc/stat"));

    internal static SystemCpu Parse(string stat)
    {
        long ticks = 0;
        var online = 0;
        foreach (var line in stat.Split('\n'))
        {
            if (!line.StartsWith("cpu", StringComparison.Ordinal))
                break; // the processors stand at the top; the interrupts' line below is long
            if (line[3] != ' ')
                online++;
            else
                ticks = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(Columns).Sum(column => long.Parse(column, CultureInfo.InvariantCulture));
        }
        return new(ticks * TickNs, online);
    }
}
