using System.Globalization;
using Gantry.Engine.Remap;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Oci;
using Gantry.Network.Namespaces;

namespace Gantry.Engine.Planning;

/// <summary>Makes the runtime config of a container. Pure: the same input gives the same plan.</summary>
/// <remarks>Source: moby daemon/oci_linux.go and daemon/pkg/oci/defaults.go.</remarks>
public static class LaunchPlanner
{
    /// <summary>Where the init binary appears in the container.</summary>
    internal const string InitPath = "/sbin/docker-init";

    /// <summary>Plans a launch.</summary>
    /// <exception cref="GantryException">Invalid: something of the input cannot be had here; the sentence says what.</exception>
    public static RuntimeConfig Plan(PlanInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var host = input.HostConfig;
        var options = SecurityOptions.Parse(host.SecurityOpt);
        var capabilities = CapabilityPlan.Resolve(host, input.Facts.AvailableCapabilities);
        var remap = RemapRules.Of(host, input.Facts);
        var ownUts = !ContainerModes.IsHost(host.UTSMode);
        return new RuntimeConfig
        {
            Root = new() { Path = input.RootfsPath, Readonly = host.ReadonlyRootfs == true },
            Hostname = ownUts ? Hostname(input) : null,
            Domainname = ownUts && !string.IsNullOrEmpty(input.Config.Domainname) ? input.Config.Domainname : null,
            Process = Process(input, capabilities, options),
            Mounts = MountPlan.Of(input),
            Annotations = host.Annotations is { Count: > 0 } ? host.Annotations : null,
            Linux = new()
            {
                Namespaces = Namespaces(input),
                UidMappings = remap?.Uids,
                GidMappings = remap?.Gids,
                Sysctl = Sysctls(input),
                Resources = ResourcePlan.Of(input),
                CgroupsPath = CgroupsPath(input),
                Devices = input.Devices.Count > 0 ? input.Devices : null,
                MaskedPaths = host.Privileged == true ? [] : host.MaskedPaths ?? SpecDefaults.MaskedPaths(input.Facts),
                ReadonlyPaths = host.Privileged == true ? [] : host.ReadonlyPaths ?? SpecDefaults.ReadonlyPaths,
                Seccomp = Seccomp(input, options, capabilities),
                RootfsPropagation = RootfsPropagation(input),
            },
        };
    }

    /// <summary>Plans the container's process alone: what an exec starts from. Needs no namespaces to join.</summary>
    /// <exception cref="GantryException">Invalid: something of the input cannot be had here; the sentence says what.</exception>
    internal static RuntimeProcess PlanProcess(PlanInput input) =>
        Process(input, CapabilityPlan.Resolve(input.HostConfig, input.Facts.AvailableCapabilities), SecurityOptions.Parse(input.HostConfig.SecurityOpt));

    /// <summary>Whether <c>--init</c> takes effect: only where the container's processes have a first one of their own.</summary>
    internal static bool RunsInit(PlanInput input) =>
        (input.HostConfig.Init ?? input.InitByDefault) && input.InitPath is not null && string.IsNullOrEmpty(input.HostConfig.PidMode);

    private static string Hostname(PlanInput input) => string.IsNullOrEmpty(input.Config.Hostname) ? input.Id[..Math.Min(12, input.Id.Length)] : input.Config.Hostname;

    private static RuntimeProcess Process(PlanInput input, IReadOnlyList<string> capabilities, SecurityOptions options)
    {
        var config = input.Config;
        IReadOnlyList<string> args = [.. config.Entrypoint ?? [], .. config.Cmd ?? []];
        if (args.Count == 0)
            throw GantryException.Of(ErrorKind.Invalid, "no command specified: the image names none, so give one after the image, as in \"gantry run IMAGE COMMAND\"");
        if (RunsInit(input))
            args = [InitPath, "--", .. args];
        var size = input.HostConfig.ConsoleSize;
        return new()
        {
            Terminal = config.Tty == true,
            ConsoleSize = config.Tty == true && size is [> 0, > 0] ? new() { Height = (uint)size[0], Width = (uint)size[1] } : null,
            User = new() { Uid = input.User.Uid, Gid = input.User.Gid, AdditionalGids = input.User.AdditionalGids },
            Args = args,
            Env = ContainerEnvironment.Of(Hostname(input), config.Tty == true, [.. input.LinkedEnvironment, .. config.Env ?? []], input.User.Home),
            Cwd = string.IsNullOrEmpty(config.WorkingDir) ? "/" : config.WorkingDir,
            // Inheritable and ambient stay empty: with them a plain exec of root's tools would pass capabilities on (CVE-2022-24769).
            Capabilities = new() { Bounding = capabilities, Effective = capabilities, Permitted = capabilities },
            Rlimits = Rlimits(input),
            NoNewPrivileges = options.NoNewPrivileges ?? input.NoNewPrivileges,
            OomScoreAdj = (int)(input.HostConfig.OomScoreAdj ?? 0),
        };
    }

    private static List<RuntimeRlimit>? Rlimits(PlanInput input)
    {
        var limits = new Dictionary<string, HostConfigUlimits>(StringComparer.OrdinalIgnoreCase);
        foreach (var ulimit in input.DefaultUlimits.Concat(input.HostConfig.Ulimits ?? []))
            limits[ulimit.Name ?? ""] = ulimit;
        if (limits.Count == 0)
            return null;
        return
        [
            .. limits.Values.Select(ulimit => new RuntimeRlimit
            {
                Type = "RLIMIT_" + ulimit.Name!.ToUpperInvariant(),
                // -1 is "unlimited" in the API; as unsigned it is RLIM_INFINITY.
                Soft = (ulong)(ulimit.Soft ?? 0),
                Hard = (ulong)(ulimit.Hard ?? ulimit.Soft ?? 0),
            }),
        ];
    }

    private static List<LinuxNamespace> Namespaces(PlanInput input)
    {
        var host = input.HostConfig;
        var spaces = new List<LinuxNamespace> { new() { Type = "mount" } };
        if (RemapRules.Of(host, input.Facts) is not null)
            spaces.Add(new() { Type = "user", Path = input.UserNamespacePath });
        if (!ContainerModes.IsHost(host.NetworkMode))
        {
            if (ContainerModes.ContainerOf(host.NetworkMode) is { } other && input.NetworkNamespacePath is null)
                throw Missing("network", other);
            spaces.Add(new() { Type = "network", Path = input.NetworkNamespacePath });
        }

        if (!ContainerModes.IsHost(host.UTSMode))
            spaces.Add(new() { Type = "uts" });
        if (!ContainerModes.IsHost(host.PidMode))
            spaces.Add(new() { Type = "pid", Path = Joined("pid", host.PidMode, input.PidNamespacePath) });
        if (!ContainerModes.IsHost(host.IpcMode))
            spaces.Add(new() { Type = "ipc", Path = Joined("ipc", host.IpcMode, input.IpcNamespacePath) });
        if (host.CgroupnsMode == "private")
            spaces.Add(new() { Type = "cgroup" });
        return spaces;
    }

    private static string? Joined(string type, string? mode, string? path) =>
        ContainerModes.ContainerOf(mode) is { } other ? path ?? throw Missing(type, other) : null;

    private static GantryException Missing(string type, string container) =>
        GantryException.Of(ErrorKind.Conflict, $"cannot join the {type} namespace of container \"{container}\": it is not running; start it first");

    private static Dictionary<string, string>? Sysctls(PlanInput input)
    {
        var sysctls = new Dictionary<string, string>(StringComparer.Ordinal);
        var remap = RemapRules.Of(input.HostConfig, input.Facts);
        if (ContainerModes.HasOwnNetwork(input.HostConfig.NetworkMode))
        {
            // Any user may bind port 80 in a network of the container's own, and ping without CAP_NET_RAW.
            Default("net.ipv4.ip_unprivileged_port_start", "0");
            // In a user namespace the kernel takes no group that is not mapped.
            Default("net.ipv4.ping_group_range", remap is null ? "0 2147483647" : string.Create(CultureInfo.InvariantCulture, $"0 {remap.Gids[0].Size - 1}"));
            // The network room does this where it makes the namespace.
            foreach (var (path, value) in remap is null ? [] : input.HasIPv6 ? NetworkNamespaces.WithIPv6 : NetworkNamespaces.WithoutIPv6)
                Default(path.Replace('/', '.'), value);
        }

        foreach (var (name, value) in input.HostConfig.Sysctls ?? new Dictionary<string, string>())
        {
            if (remap is null || !RemapRules.IsOfInterface(name))
                sysctls[name] = value;
        }

        return sysctls.Count > 0 ? sysctls : null;

        void Default(string name, string value)
        {
            if (input.Facts.Sysctls.Contains(name))
                sysctls[name] = value;
        }
    }

    private static string CgroupsPath(PlanInput input)
    {
        var parent = string.IsNullOrEmpty(input.HostConfig.CgroupParent) ? input.CgroupParent : input.HostConfig.CgroupParent;
        return string.Create(CultureInfo.InvariantCulture, $"/{parent.Trim('/')}/{input.Id}");
    }

    private static LinuxSeccomp? Seccomp(PlanInput input, SecurityOptions options, IReadOnlyList<string> capabilities)
    {
        if (options.Seccomp == "unconfined" || (options.Seccomp is null && input.SeccompUnconfined) || !input.Facts.Seccomp)
            return null;
        if (options.Seccomp is not null and not "builtin")
            return SeccompProfile.Parse(options.Seccomp).Resolve(capabilities, input.Facts);
        if (input.HostConfig.Privileged == true)
            return null;
        var profile = options.Seccomp is null && input.SeccompProfile is { } configured ? configured : SeccompProfile.Default;
        return profile.Resolve(capabilities, input.Facts);
    }

    // A shared or slave mount inside needs the root to let propagation through; shared asks for more than slave.
    private static string? RootfsPropagation(PlanInput input)
    {
        if (input.Mounts.Any(mount => mount.Propagation is "shared" or "rshared"))
            return "shared";
        return input.Mounts.Any(mount => mount.Propagation is "slave" or "rslave") ? "rslave" : null;
    }
}
