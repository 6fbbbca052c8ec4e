using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Exec;
using Gantry.Engine.Links;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Engine.Volumes;
using Gantry.Model.Api;
using Gantry.Model.Monitor;
using Gantry.Network.Ports;

namespace Gantry.Engine.Containers;

/// <summary>Containers as the API shows them. Reads immutable records, takes no gate.</summary>
internal sealed class ContainerView(EngineParts parts, ContainerLinks links, ExecTable execs)
{
    /// <summary>Everything about one container.</summary>
    public async Task<ContainerInspectResponse> InspectAsync(Container container, bool size, CancellationToken cancellationToken)
    {
        var record = container.Record;
        long? sizeRw = null, sizeRoot = null;
        if (size)
        {
            sizeRw = parts.Snapshots.SizeOf(record.Id.ToString());
            sizeRoot = sizeRw + ((await parts.Images.InspectAsync(record.ImageId.ToString(), cancellationToken)).Size ?? 0);
        }
        var execIds = execs.Of(record.Id);
        return new ContainerInspectResponse
        {
            Id = record.Id.ToString(),
            Created = GoTime.Format(record.Created),
            Path = record.Path,
            Args = record.Arguments,
            State = StateOf(record),
            Image = record.ImageId.ToString(),
            ResolvConfPath = Existing(parts.Paths.ResolvConf(record.Id)),
            HostnamePath = Existing(parts.Paths.Hostname(record.Id)),
            HostsPath = Existing(parts.Paths.Hosts(record.Id)),
            LogPath = record.HostConfig.LogConfig?.Type == "json-file" ? parts.Paths.Log(record.Id) : "",
            Name = $"/{record.Name}",
            RestartCount = record.Run.Restarts,
            Driver = "overlay2",
            Platform = record.Platform,
            ImageManifestDescriptor = record.Manifest,
            MountLabel = "",
            ProcessLabel = "",
            AppArmorProfile = "",
            ExecIDs = execIds.Count > 0 ? execIds : null,
            HostConfig = record.HostConfig with { Links = links.Show(record) },
            GraphDriver = new DriverData
            {
                Name = "overlay2",
                Data = new Dictionary<string, string> { ["UpperDir"] = Path.Combine(parts.Options.DataRoot, "snapshots", record.Id.ToString(), "upper") },
            },
            SizeRw = sizeRw,
            SizeRootFs = sizeRoot,
            Mounts = MountsOf(record),
            Config = record.Config,
            NetworkSettings = new NetworkSettings
            {
                SandboxID = record.Attachment?.Endpoint.EndpointId ?? "",
                SandboxKey = record.Run.Pid > 0 ? $"/proc/{record.Run.Pid}/ns/net" : "",
                Ports = PortsOf(record),
                Networks = NetworksOf(record),
            },
        };
    }

    /// <summary>One line of a list.</summary>
    /// <param name="record">The container.</param>
    /// <param name="names">Its name, and those that it has as others' links, each with its slash.</param>
    /// <param name="imageName">Its image's name, or id when the name has moved on.</param>
    /// <param name="now">The present.</param>
    public ContainerSummary Summarize(ContainerRecord record, IReadOnlyList<string> names, string imageName, DateTimeOffset now) => new()
    {
        Id = record.Id.ToString(),
        Names = names,
        Image = imageName,
        ImageID = record.ImageId.ToString(),
        ImageManifestDescriptor = record.Manifest,
        Command = string.Join(' ', [record.Path, .. record.Arguments.Select(argument => argument.Contains(' ', StringComparison.Ordinal) ? $"'{argument}'" : argument)]),
        Created = record.Created.ToUnixTimeSeconds(),
        Ports = SummarizePorts(record),
        Labels = record.Config.Labels,
        State = record.Run.Status,
        Status = StatusText.Of(record.Run.Status, record.Run.StartedAt, record.Run.FinishedAt, record.Run.ExitCode, record.Run.Health?.Status, now),
        HostConfig = new ContainerSummaryHostConfig { NetworkMode = record.HostConfig.NetworkMode, Annotations = record.HostConfig.Annotations },
        NetworkSettings = new ContainerSummaryNetworkSettings { Networks = NetworksOf(record) },
        Mounts = MountsOf(record),
        Health = new ContainerSummaryHealth { Status = record.Run.Health?.Status ?? HealthWords.None, FailingStreak = record.Run.Health?.FailingStreak ?? 0 },
    };

    private static ContainerState StateOf(ContainerRecord record)
    {
        var run = record.Run;
        return new ContainerState
        {
            Status = run.Status,
            // moby counts a paused and a restarting container as running too.
            Running = ContainerStatus.IsUp(run.Status),
            Paused = run.Status == ContainerStatus.Paused,
            Restarting = run.Status == ContainerStatus.Restarting,
            OOMKilled = run.OomKilled,
            Dead = run.Status == ContainerStatus.Dead,
            Pid = run.Pid,
            ExitCode = run.ExitCode,
            Error = run.Error,
            StartedAt = GoTime.Format(run.StartedAt),
            FinishedAt = GoTime.Format(run.FinishedAt),
            Health = HealthOf(run.Health),
        };
    }

    private static Model.Api.Health? HealthOf(MonitorHealth? health) => health is null ? null : new Model.Api.Health
    {
        Status = health.Status,
        FailingStreak = health.FailingStreak,
        Log = [.. health.Log.Select(probe => new HealthcheckResult { Start = GoTime.Format(probe.Start), End = GoTime.Format(probe.End), ExitCode = probe.ExitCode, Output = probe.Output })],
    };

    /// <summary>The networks by name, with addresses while the container runs.</summary>
    internal IReadOnlyDictionary<string, EndpointSettings> NetworksOf(ContainerRecord record)
    {
        var (name, id) = ContainerEvents.NetworkOf(parts, record);
        if (name is null)
            return new Dictionary<string, EndpointSettings>();
        var endpoint = record.Attachment?.Endpoint;
        var asked = record.Endpoints?.GetValueOrDefault(name);
        return new Dictionary<string, EndpointSettings>
        {
            [name] = new()
            {
                IPAMConfig = asked?.IPAMConfig,
                Links = asked?.Links,
                Aliases = asked?.Aliases,
                DriverOpts = asked?.DriverOpts,
                GwPriority = asked?.GwPriority ?? 0,
                MacAddress = endpoint?.MacAddress ?? asked?.MacAddress ?? "",
                NetworkID = record.Run.StartedAt is null ? "" : id,
                EndpointID = endpoint?.EndpointId ?? "",
                Gateway = endpoint?.Gateway ?? "",
                IPAddress = endpoint?.Address ?? "",
                IPPrefixLen = endpoint?.PrefixLength ?? 0,
                IPv6Gateway = endpoint?.Gateway6 ?? "",
                GlobalIPv6Address = endpoint?.Address6 ?? "",
                GlobalIPv6PrefixLen = endpoint?.PrefixLength6 ?? 0,
            },
        };
    }

    /// <summary>The mounts, without those of <c>--tmpfs</c>: as with moby, they stand in the host configuration alone.</summary>
    private static List<MountPoint> MountsOf(ContainerRecord record)
    {
        var scratch = (record.HostConfig.Tmpfs?.Keys ?? []).Select(ContainerPath.CleanHost).ToHashSet(StringComparer.Ordinal);
        return [.. record.Mounts.Where(mount => mount.Kind != PlanMountKind.Tmpfs || !scratch.Contains(mount.Destination)).Select(mount => mount.ToMountPoint())];
    }

    private static IEnumerable<(int ContainerPort, string Protocol)> ExposedPorts(ContainerRecord record) =>
        (record.Config.ExposedPorts?.Keys ?? []).Concat(record.HostConfig.PortBindings?.Keys ?? []).SelectMany(PortSpec.Expand).Distinct();

    private static Dictionary<string, IReadOnlyList<PortBinding>?> PortsOf(ContainerRecord record)
    {
        var ports = new Dictionary<string, IReadOnlyList<PortBinding>?>();
        if (!ContainerStatus.HasProcess(record.Run.Status) || record.Attachment is not { } attachment)
            return ports;
        foreach (var (port, protocol) in ExposedPorts(record))
            ports[$"{port}/{protocol}"] = null;
        foreach (var published in attachment.Ports.GroupBy(p => $"{p.ContainerPort}/{p.Protocol}"))
        {
            ports[published.Key] =
            [
                .. published.Select(p => new PortBinding { HostIp = p.HostAddress, HostPort = ContainerEvents.Number(p.HostPort) }),
            ];
        }
        return ports;
    }

    private static List<PortSummary> SummarizePorts(ContainerRecord record)
    {
        if (!ContainerStatus.HasProcess(record.Run.Status) || record.Attachment is not { } attachment)
            return [];
        var published = attachment.Ports.ToLookup(p => (p.ContainerPort, p.Protocol));
        List<PortSummary> summaries = [];
        foreach (var port in ExposedPorts(record).Concat(attachment.Ports.Select(p => (p.ContainerPort, p.Protocol))).Distinct().Order())
        {
            if (published[port].Any())
                summaries.AddRange(published[port].Select(Summarize));
            else
                summaries.Add(new PortSummary { PrivatePort = port.Item1, Type = port.Item2 });
        }
        return summaries;
    }

    private static PortSummary Summarize(PublishedPort port) =>
        new() { IP = port.HostAddress, PrivatePort = port.ContainerPort, PublicPort = port.HostPort, Type = port.Protocol };

    private static string Existing(string path) => File.Exists(path) ? path : "";
}
