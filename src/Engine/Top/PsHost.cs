using System.Globalization;

namespace Gantry.Engine.Top;

/// <summary>What ps knows of the machine and the moment besides the processes.</summary>
/// <param name="Now">The moment.</param>
/// <param name="UptimeTicks">Since boot.</param>
/// <param name="MemoryKib">All there is.</param>
/// <param name="Users">Names by number: of the host, since that is whose ps Docker runs.</param>
internal sealed record PsHost(DateTimeOffset Now, long UptimeTicks, long MemoryKib, IReadOnlyDictionary<uint, string> Users)
{
    /// <summary>The kernel's USER_HZ, in which /proc counts, on every machine.</summary>
    public const long TicksPerSecond = 100;

    public static PsHost Read(TimeProvider time, long memoryBytes) => new(
        TimeZoneInfo.ConvertTime(time.GetUtcNow(), time.LocalTimeZone),
        (long)(double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture) * TicksPerSecond),
        memoryBytes / 1024,
        UsersOf(File.Exists("/etc/passwd") ? File.ReadAllText("/etc/passwd") : ""));

    /// <summary>For how long a process has been running, in seconds.</summary>
    public long Age(ProcessRow process) => Math.Max(0, UptimeTicks - process.StartTicks) / TicksPerSecond;

    /// <summary>When a process was started.</summary>
    public DateTimeOffset Start(ProcessRow process) => Now.AddSeconds((process.StartTicks - UptimeTicks) / (double)TicksPerSecond);

    internal static Dictionary<uint, string> UsersOf(string passwd)
    {
        var users = new Dictionary<uint, string>();
        foreach (var line in passwd.Split('\n'))
        {
            if (line.Split(':') is [var name, _, var number, ..] && uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                users.TryAdd(id, name);
        }
        return users;
    }
}
