using System.Globalization;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Planning;

namespace Gantry.Engine.Containers;

/// <summary>Tells what happens to containers, with the attributes that Docker gives each event.</summary>
/// <remarks>Source: moby daemon/events.go.</remarks>
internal static class ContainerEvents
{
    /// <summary>A command as events tell it: one without arguments has a space at its end.</summary>
    /// <remarks>Source: moby daemon/exec.go: the program, a space, the arguments.</remarks>
    public static string Words(IReadOnlyList<string> command) => $"{command[0]} {string.Join(' ', command.Skip(1))}";

    /// <summary>Something happened to a container.</summary>
    public static void Publish(this EngineParts parts, ContainerRecord record, string action, params ReadOnlySpan<(string Key, string Value)> attributes)
    {
        var all = new Dictionary<string, string>(record.Config.Labels ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (var (key, value) in attributes)
            all[key] = value;
        if (record.ImageName.Length > 0)
            all["image"] = record.ImageName;
        all["name"] = record.Name;
        parts.Events.Publish("container", action, record.Id.ToString(), all);
    }

    /// <summary>It was connected to a network, or disconnected.</summary>
    public static void PublishNetwork(this EngineParts parts, ContainerRecord record, string action)
    {
        var (name, id) = NetworkOf(parts, record);
        if (name is null)
            return;
        parts.Events.Publish("network", action, id, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["container"] = record.Id.ToString(),
            ["name"] = name,
            ["type"] = name == "none" ? "null" : name,
        });
    }

    /// <summary>Its volumes were mounted, or unmounted.</summary>
    public static void PublishVolumes(this EngineParts parts, ContainerRecord record, string action)
    {
        foreach (var mount in record.Mounts.Where(m => m.Kind == PlanMountKind.Volume))
        {
            var attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["container"] = record.Id.ToString(), ["driver"] = "local" };
            if (action == "mount")
            {
                attributes["destination"] = mount.Destination;
                attributes["propagation"] = mount.Propagation;
                attributes["read/write"] = mount.ReadOnly ? "false" : "true";
            }
            parts.Events.Publish("volume", action, mount.VolumeName ?? "", attributes);
        }
    }

    /// <summary>A run ended.</summary>
    public static void PublishDie(this EngineParts parts, ContainerRecord record)
    {
        var ran = record.Run.FinishedAt - record.Run.StartedAt ?? TimeSpan.Zero;
        parts.Publish(record, "die", ("execDuration", Number((long)ran.TotalSeconds)), ("exitCode", Number(record.Run.ExitCode)));
    }

    internal static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The network that a container is on, by its mode; null names: that of another container.</summary>
    internal static (string? Name, string Id) NetworkOf(EngineParts parts, ContainerRecord record) => NetworkModes.Kind(record.HostConfig.NetworkMode) switch
    {
        NetworkKind.Bridge => ("bridge", parts.BridgeId),
        NetworkKind.Host => ("host", parts.HostNetworkId),
        NetworkKind.None => ("none", parts.NoneNetworkId),
        _ => (null, ""),
    };
}
