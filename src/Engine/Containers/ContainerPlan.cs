using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Devices;
using Gantry.Engine.Planning;
using Gantry.Engine.Remap;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Store;

namespace Gantry.Engine.Containers;

/// <summary>Gathers what a launch's plan is made of, and has it made.</summary>
internal sealed class ContainerPlan(EngineParts parts, ContainerUser users)
{
    /// <summary>The runtime configuration of a start.</summary>
    public RuntimeConfig Make(ContainerRecord record, NetworkAttachment attached, ContainerFileStep.Paths files, Snapshot snapshot, IReadOnlyList<string> linkedEnvironment)
    {
        RemapRules.Check(record.HostConfig, parts.Facts);
        var remap = RemapRules.Of(record.HostConfig, parts.Facts);
        BindPropagation.Check(record.Mounts, parts.Options.DataRoot);
        var devices = HostDevices.Find(record.HostConfig);
        var config = LaunchPlanner.Plan(new PlanInput
        {
            Id = record.Id.ToString(),
            Config = record.Config,
            HostConfig = record.HostConfig,
            Facts = parts.Facts,
            User = users.Find(record, snapshot),
            Mounts = [.. record.Mounts.Select(m => MountOf(m, remap))],
            ResolvConfPath = files.ResolvConf,
            HostnamePath = files.Hostname,
            HostsPath = files.Hosts,
            HasIPv6 = attached.Endpoint?.Record.Address6 is not null,
            NetworkNamespacePath = attached.NamespacePath,
            IpcNamespacePath = Joined(record.HostConfig.IpcMode, "ipc"),
            PidNamespacePath = Joined(record.HostConfig.PidMode, "pid"),
            UserNamespacePath = remap is null ? null : JoinedUser(record, remap),
            ShmPath = files.SharedMemory,
            DefaultUlimits = parts.Options.Ulimits,
            Devices = devices.Devices,
            DeviceRules = devices.Rules,
            BlockDevices = devices.BlockDevices,
            CgroupParent = string.IsNullOrEmpty(record.HostConfig.CgroupParent) ? parts.CgroupParent : record.HostConfig.CgroupParent,
            InitPath = parts.Facts.Init ? parts.Options.InitBinary : null,
            InitByDefault = parts.Options.Init,
            LinkedEnvironment = linkedEnvironment,
            DataRoot = parts.Options.DataRoot,
            NoNewPrivileges = parts.Options.NoNewPrivileges,
            SeccompProfile = parts.SeccompProfile,
            SeccompUnconfined = parts.Options.SeccompProfile == "unconfined",
        });
        var requested = CdiInjection.NamesOf(record.HostConfig);
        return requested.Count == 0 ? config : CdiInjection.Apply(config, CdiSpecs.Find(parts.Options.CdiSpecDirectories, requested));
    }

    // A bind shows the host's ids, as in Docker; a volume and an image those that they were filled with.
    private PlanMount MountOf(PlanMount mount, IdMap? remap)
    {
        if (mount.ImageId is { } image)
            return mount with { ImageLayers = parts.Images.LayersOf(image, mount), Ids = remap };
        if (remap is null || mount.VolumeName is not { } name || parts.Volumes.Find(name) is not { } volume || volume.Ids.IsSame(remap))
            return mount;
        return mount with { Ids = remap.Over(volume.Ids) };
    }

    // Namespaces that are shared belong to the other container's user namespace: who is to have rights in them is in that.
    private string? JoinedUser(ContainerRecord record, IdMap remap)
    {
        string?[] donors = [NetworkModes.Donor(record.HostConfig.NetworkMode), NetworkModes.Donor(record.HostConfig.IpcMode), NetworkModes.Donor(record.HostConfig.PidMode)];
        var running = donors.OfType<string>().Select(parts.Containers.Get).Where(static donor => ContainerStatus.HasProcess(donor.Run.Status)).Distinct().ToList();
        return SharedUserNamespace.Find([.. running.Select(static donor => (donor.Name, donor.Run.Pid))], remap);
    }

    private string? Joined(string? mode, string kind)
    {
        if (NetworkModes.Donor(mode) is not { } donorId)
            return null;
        var donor = parts.Containers.Get(donorId);
        return ContainerStatus.HasProcess(donor.Run.Status)
            ? $"/proc/{donor.Run.Pid}/ns/{kind}"
            : throw GantryException.Of(kind == "ipc" ? ErrorKind.Conflict : ErrorKind.Internal, $"failed to join {kind.ToUpperInvariant()} namespace: container {donor.Id} is not running"); // Source: moby daemon/oci_linux.go, daemon/container_operations_unix.go
    }
}
