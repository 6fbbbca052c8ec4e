using System.Text.Json;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;

namespace Gantry.Engine.Monitors;

/// <summary>Where a container's control group is, as its monitor recorded it.</summary>
/// <remarks>Not by the first process: one that may, moves itself further down.</remarks>
public static class MonitorCgroups
{
    /// <summary>Reads <c>monitor.json</c> of a container's run-time directory.</summary>
    /// <returns>Directories by controller, or one under the empty name for version 2; empty when there is no monitor.</returns>
    public static IReadOnlyDictionary<string, string> Read(string directory)
    {
        try
        {
            using var json = JsonDocument.Parse(Files.ReadAll(Path.Combine(directory, "monitor.json")));
            return json.RootElement.GetProperty("cgroups"u8).EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!);
        }
        catch (SyscallException gone) when (gone.Number == Errno.ENOENT)
        {
            return new Dictionary<string, string>();
        }
    }
}
