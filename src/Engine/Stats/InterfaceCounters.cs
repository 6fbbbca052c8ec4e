using System.Globalization;
using Gantry.Model.Api;

namespace Gantry.Engine.Stats;

/// <summary>What went through the interfaces of a network namespace.</summary>
/// <remarks>Source: proc(5), /proc/PID/net/dev.</remarks>
internal static class InterfaceCounters
{
    /// <summary>Reads the counters of the namespace in which a process is; none when it is gone. The loopback is left out, as Docker does.</summary>
    public static IReadOnlyDictionary<string, ContainerNetworkStats>? Read(int pid)
    {
        try
        {
            return Parse(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/net/dev")));
        }
        catch (IOException)
        {
            return null; // ENOENT, or EINVAL of a process that ends
        }
    }

    internal static IReadOnlyDictionary<string, ContainerNetworkStats>? Parse(string table)
    {
        var counters = new Dictionary<string, ContainerNetworkStats>(StringComparer.Ordinal);
        foreach (var line in table.Split('\n').Skip(2)) // two lines of titles
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                continue;
            var name = line[..colon].Trim();
            var columns = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (name == "lo" || columns.Length < 12)
                continue;
            counters[name] = new ContainerNetworkStats
            {
                RxBytes = At(0), RxPackets = At(1), RxErrors = At(2), RxDropped = At(3),
                TxBytes = At(8), TxPackets = At(9), TxErrors = At(10), TxDropped = At(11),
            };
            long At(int column) => long.Parse(columns[column], CultureInfo.InvariantCulture);
        }
        return counters.Count == 0 ? null : counters;
    }
}
