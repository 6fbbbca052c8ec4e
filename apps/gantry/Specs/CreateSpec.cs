using Gantry.Cli.Flags;
using Gantry.Model.Api;

namespace Gantry.Cli.Specs;

/// <summary>What <c>run</c> and <c>create</c> ask for: the flags as the engine's API takes them. Pure but for the files that flags name.</summary>
/// <remarks>Source: bodies that docker 28.2.2 sends; tests compare the two.</remarks>
internal sealed record CreateSpec
{
    public required ContainerConfig Config { get; init; }

    public required HostConfig Host { get; init; }

    public required NetworkingConfig Networking { get; init; }

    /// <summary>Makes the request of the flags and arguments.</summary>
    /// <param name="flags">The flags.</param>
    /// <param name="arguments">The image, then the command.</param>
    /// <exception cref="FlagException">Flags that contradict each other or make no sense.</exception>
    public static CreateSpec Of(FlagValues flags, IReadOnlyList<string> arguments)
    {
        CheckNumbers(flags);
        var ports = Ports(flags);
        var (binds, volumes) = Volumes(flags);
        var devices = Devices(flags);
        var security = SecurityOptions.Of(flags.List("security-opt"));
        var networks = NetworkPlan.Of(flags);
        var config = ConfigOf(flags, arguments) with { ExposedPorts = ports.Exposed, Volumes = volumes };
        var host = HostOf(flags) with
        {
            Binds = binds,
            PortBindings = ports.Bindings,
            NetworkMode = networks.Mode,
            Devices = devices.Devices,
            DeviceRequests = devices.Requests,
            SecurityOpt = security.Options,
            MaskedPaths = security.SystemPathsUnconfined ? [] : null,
            ReadonlyPaths = security.SystemPathsUnconfined ? [] : null,
        };
        return new() { Config = config, Host = host, Networking = new() { EndpointsConfig = networks.Endpoints } };
    }

    private static void CheckNumbers(FlagValues flags)
    {
        var swappiness = flags.Number("memory-swappiness");
        if (swappiness is not -1 and (< 0 or > 100))
            throw new FlagException($"invalid value: {swappiness}. Valid memory swappiness range is 0-100");
        CheckMode(flags, "ipc", "IPC", static _ => true);
        CheckMode(flags, "pid", "PID", static v => v is "" or "host" || IsContainer(v));
        CheckMode(flags, "uts", "UTS", static v => v is "" or "host");
        CheckMode(flags, "userns", "USER", static v => v is "" or "host");
        CheckMode(flags, "cgroupns", "CGROUP", static v => v is "" or "private" or "host");
    }

    private static bool IsContainer(string value) => value.StartsWith("container:", StringComparison.Ordinal) && value.Length > 10;

    private static void CheckMode(FlagValues flags, string name, string kind, Func<string, bool> valid)
    {
        if (!valid(flags.Text(name)))
            throw new FlagException($"--{name}: invalid {kind} mode");
    }

    private static ContainerConfig ConfigOf(FlagValues flags, IReadOnlyList<string> arguments)
    {
        var attach = flags.List("attach");
        var interactive = flags.Bool("interactive");
        var stdin = interactive || attach.Contains("stdin");
        return new()
        {
            Hostname = flags.Text("hostname"),
            Domainname = flags.Text("domainname"),
            User = flags.Text("user"),
            Tty = flags.Bool("tty"),
            OpenStdin = interactive,
            AttachStdin = stdin,
            AttachStdout = attach.Count == 0 || attach.Contains("stdout"),
            AttachStderr = attach.Count == 0 || attach.Contains("stderr"),
            StdinOnce = interactive && stdin,
            Env = Environment(flags),
            Cmd = arguments.Count > 1 ? [.. arguments.Skip(1)] : null,
            Image = arguments[0],
            WorkingDir = flags.Text("workdir"),
            Entrypoint = flags.Changed("entrypoint") ? [flags.Text("entrypoint")] : null,
            Labels = Labels(flags),
            Healthcheck = Health(flags),
            StopSignal = flags.Changed("stop-signal") ? flags.Text("stop-signal") : null,
            StopTimeout = flags.Changed("stop-timeout") ? flags.Number("stop-timeout") : null,
        };
    }

    private static HostConfig HostOf(FlagValues flags)
    {
        var restart = Restart(flags.Text("restart"));
        if (flags.Bool("rm") && restart.Name is not ("" or "no"))
            throw new FlagException("conflicting options: cannot specify both --restart and --rm");
        var capabilities = Capabilities(flags.List("cap-add"), flags.List("cap-drop"));
        return Resources(flags) with
        {
            ContainerIDFile = flags.Text("cidfile"),
            LogConfig = Logging(flags),
            RestartPolicy = restart,
            AutoRemove = flags.Bool("rm"),
            VolumeDriver = flags.Text("volume-driver"),
            VolumesFrom = Given(flags, "volumes-from"),
            Annotations = Map(flags.List("annotation")),
            CapAdd = capabilities.Add,
            CapDrop = capabilities.Drop,
            CgroupnsMode = flags.Text("cgroupns"),
            Dns = flags.List("dns"),
            DnsOptions = flags.List("dns-option"),
            DnsSearch = flags.List("dns-search"),
            ExtraHosts = Given(flags, "add-host"),
            GroupAdd = Given(flags, "group-add"),
            IpcMode = flags.Text("ipc"),
            Links = Given(flags, "link"),
            OomScoreAdj = flags.Number("oom-score-adj"),
            PidMode = flags.Text("pid"),
            Privileged = flags.Bool("privileged"),
            PublishAllPorts = flags.Bool("publish-all"),
            ReadonlyRootfs = flags.Bool("read-only"),
            StorageOpt = StorageOptions(flags.List("storage-opt")),
            Tmpfs = Tmpfs(flags.List("tmpfs")),
            UTSMode = flags.Text("uts"),
            UsernsMode = flags.Text("userns"),
            ShmSize = flags.Number("shm-size"),
            Sysctls = Map(flags.List("sysctl")),
            Runtime = flags.Text("runtime"),
            Isolation = flags.Text("isolation"),
            Mounts = [.. flags.List("mount").Select(MountSpecs.Parse)],
            Init = flags.Changed("init") ? flags.Bool("init") : null,
        };
    }

    private static HostConfig Resources(FlagValues flags) => new()
    {
        CpuShares = flags.Number("cpu-shares"),
        Memory = flags.Number("memory"),
        NanoCpus = flags.Number("cpus"),
        CgroupParent = flags.Text("cgroup-parent"),
        BlkioWeight = flags.Number("blkio-weight"),
        BlkioWeightDevice = [.. flags.List("blkio-weight-device").Select(static d => new HostConfigBlkioWeightDevice { Path = DeviceOf(d), Weight = NumberOf(d) })],
        BlkioDeviceReadBps = Throttles(flags, "device-read-bps"),
        BlkioDeviceWriteBps = Throttles(flags, "device-write-bps"),
        BlkioDeviceReadIOps = Throttles(flags, "device-read-iops"),
        BlkioDeviceWriteIOps = Throttles(flags, "device-write-iops"),
        CpuPeriod = flags.Number("cpu-period"),
        CpuQuota = flags.Number("cpu-quota"),
        CpuRealtimePeriod = flags.Number("cpu-rt-period"),
        CpuRealtimeRuntime = flags.Number("cpu-rt-runtime"),
        CpusetCpus = flags.Text("cpuset-cpus"),
        CpusetMems = flags.Text("cpuset-mems"),
        DeviceCgroupRules = Given(flags, "device-cgroup-rule"),
        MemoryReservation = flags.Number("memory-reservation"),
        MemorySwap = flags.Number("memory-swap"),
        MemorySwappiness = flags.Number("memory-swappiness"),
        OomKillDisable = flags.Bool("oom-kill-disable"),
        PidsLimit = flags.Number("pids-limit"),
        Ulimits = [.. LastOfEach(flags.List("ulimit").Select(UlimitSpec.Parse)).OrderBy(static u => u.Name, StringComparer.Ordinal)],
        CpuCount = flags.Number("cpu-count"),
        CpuPercent = flags.Number("cpu-percent"),
        IOMaximumIOps = flags.Number("io-maxiops"),
        IOMaximumBandwidth = flags.Number("io-maxbandwidth"),
    };

    private static IEnumerable<HostConfigUlimits> LastOfEach(IEnumerable<HostConfigUlimits> limits)
    {
        var byName = new Dictionary<string, HostConfigUlimits>();
        foreach (var limit in limits)
            byName[limit.Name!] = limit;
        return byName.Values;
    }

    private static List<string>? Environment(FlagValues flags)
    {
        var all = new List<string>();
        foreach (var file in flags.List("env-file"))
            all.AddRange(EnvironmentFiles.Read(file, System.Environment.GetEnvironmentVariable));
        all.AddRange(flags.List("env"));
        return all.Count > 0 ? all : null;
    }

    private static SortedDictionary<string, string> Labels(FlagValues flags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in flags.List("label-file"))
            AddPairs(labels, EnvironmentFiles.Read(file, null));
        AddPairs(labels, flags.List("label"));
        return labels;
    }

    private static HealthConfig? Health(FlagValues flags)
    {
        string[] settings = ["health-cmd", "health-interval", "health-timeout", "health-start-period", "health-start-interval", "health-retries"];
        var any = settings.Any(name => name is "health-cmd" ? flags.Text(name).Length > 0 : flags.Number(name) != 0);
        if (flags.Bool("no-healthcheck"))
            return any ? throw new FlagException("--no-healthcheck conflicts with --health-* options") : new() { Test = ["NONE"] };
        if (!any)
            return null;
        foreach (var name in settings.Skip(1))
        {
            if (flags.Number(name) < 0)
                throw new FlagException($"--{name} cannot be negative");
        }
        return new()
        {
            Test = flags.Text("health-cmd") is { Length: > 0 } command ? ["CMD-SHELL", command] : null,
            Interval = flags.Number("health-interval"),
            Timeout = flags.Number("health-timeout"),
            StartPeriod = flags.Number("health-start-period"),
            StartInterval = flags.Number("health-start-interval"),
            Retries = flags.Number("health-retries"),
        };
    }

    internal static RestartPolicy Restart(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon == 0)
            throw new FlagException("invalid restart policy format: no policy provided before colon");
        var count = 0;
        if (colon > 0 && !int.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out count))
            throw new FlagException("invalid restart policy format: maximum retry count must be an integer");
        return new() { Name = colon < 0 ? text : text[..colon], MaximumRetryCount = count };
    }

    private static HostConfigLogConfig Logging(FlagValues flags)
    {
        var driver = flags.Text("log-driver");
        var options = Map(flags.List("log-opt"));
        if (driver == "none" && options.Count > 0)
            throw new FlagException($"invalid logging opts for driver {driver}");
        return new() { Type = driver, Config = options };
    }

    private static SortedDictionary<string, string> StorageOptions(IReadOnlyList<string> options) =>
        options.FirstOrDefault(static o => !o.Contains('=', StringComparison.Ordinal)) is { } bad ? throw new FlagException($"invalid storage option: {bad}: write key=value") : Map(options);

    private static SortedDictionary<string, string> Tmpfs(IReadOnlyList<string> values)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            var colon = value.IndexOf(':', StringComparison.Ordinal);
            map[colon < 0 ? value : value[..colon]] = colon < 0 ? "" : value[(colon + 1)..];
        }
        return map;
    }

    private static PortSpecs Ports(FlagValues flags)
    {
        var ports = new PortSpecs();
        foreach (var spec in flags.List("publish"))
            ports.Publish(spec);
        foreach (var spec in flags.List("expose"))
            ports.Expose(spec);
        return ports;
    }

    private static (List<string>? Binds, SortedDictionary<string, EmptyObject> Volumes) Volumes(FlagValues flags)
    {
        List<string>? binds = null;
        var anonymous = new SortedDictionary<string, EmptyObject>(StringComparer.Ordinal);
        foreach (var spec in flags.List("volume"))
        {
            if (VolumeSpec.ToBind(spec) is { } bind)
                (binds ??= []).Add(bind);
            else
                anonymous[spec] = new();
        }
        return (binds, anonymous);
    }

    private static (List<DeviceMapping> Devices, List<DeviceRequest>? Requests) Devices(FlagValues flags)
    {
        var devices = new List<DeviceMapping>();
        var byName = new List<string>();
        foreach (var spec in flags.List("device"))
        {
            if (DeviceSpec.IsQualifiedName(spec))
                byName.Add(spec);
            else
                devices.Add(DeviceSpec.Parse(spec));
        }
        var requests = flags.List("gpus").Select(GpuSpec.Parse).ToList();
        if (byName.Count > 0)
            requests.Add(new() { Driver = "cdi", DeviceIDs = byName });
        return (devices, requests.Count > 0 ? requests : null);
    }

    private static (List<string>? Add, List<string>? Drop) Capabilities(IReadOnlyList<string> add, IReadOnlyList<string> drop)
    {
        static SortedSet<string> Set(IReadOnlyList<string> names)
        {
            var set = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var name in names)
            {
                var upper = name.Trim().ToUpperInvariant();
                set.Add(upper is "ALL" or "RESET" || upper.StartsWith("CAP_", StringComparison.Ordinal) ? upper : "CAP_" + upper);
            }
            return set.Contains("ALL") ? ["ALL"] : set;
        }

        var adds = Set(add);
        var drops = Set(drop);
        drops.ExceptWith(adds);
        return (adds.Count > 0 ? [.. adds] : null, drops.Count > 0 ? [.. drops] : null);
    }

    private static List<ThrottleDevice> Throttles(FlagValues flags, string name) =>
        [.. flags.List(name).Select(static d => new ThrottleDevice { Path = DeviceOf(d), Rate = NumberOf(d) })];

    private static string DeviceOf(string pair) => pair[..pair.IndexOf(':', StringComparison.Ordinal)];

    private static long NumberOf(string pair) => long.Parse(pair.AsSpan(pair.IndexOf(':', StringComparison.Ordinal) + 1), System.Globalization.CultureInfo.InvariantCulture);

    private static IReadOnlyList<string>? Given(FlagValues flags, string name) => flags.List(name) is { Count: > 0 } values ? values : null;

    private static SortedDictionary<string, string> Map(IReadOnlyList<string> pairs)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        AddPairs(map, pairs);
        return map;
    }

    private static void AddPairs(SortedDictionary<string, string> map, IReadOnlyList<string> pairs)
    {
        foreach (var pair in pairs)
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            map[equals < 0 ? pair : pair[..equals]] = equals < 0 ? "" : pair[(equals + 1)..];
        }
    }
}
