using System.Globalization;
using System.Runtime.InteropServices;
using Gantry.Engine.Containers;
using Gantry.Engine.Logs.Drivers;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Engine.Runtimes;
using Gantry.Kernel.Cgroups;
using Gantry.Model.Api;

namespace Gantry.Engine.Composition;

/// <summary>What the engine says about itself and its host.</summary>
public sealed class SystemReport
{
    private readonly EngineParts _parts;
    private readonly string _kernel;
    private readonly (string Name, string Version) _system;
    private readonly long _memoryBytes;
    private readonly string _backing;

    internal SystemReport(EngineParts parts, string id)
    {
        _parts = parts;
        Id = id;
        _kernel = ReadLine("/proc/sys/kernel/osrelease");
        _system = OperatingSystemOf(ReadOrEmpty("/etc/os-release"));
        _memoryBytes = MachineMemoryBytes();
        _backing = BackingFileSystem.NameOf(parts.Options.DataRoot);
    }

    /// <summary>The engine's id, kept with its data.</summary>
    internal string Id { get; }

    /// <summary>What <c>GET /info</c> answers.</summary>
    public Task<SystemInfo> InfoAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var statuses = _parts.Containers.All.Select(container => container.Run.Status).ToList();
        var facts = _parts.Facts;
        var paused = statuses.Count(s => s == ContainerStatus.Paused);
        var up = statuses.Count(s => s is ContainerStatus.Running or ContainerStatus.Restarting);
        var proxies = _parts.Options.Proxies.OrEnvironment(Environment.GetEnvironmentVariable);
        return Task.FromResult(new SystemInfo
        {
            ID = Id,
            Containers = statuses.Count,
            ContainersRunning = up,
            ContainersPaused = paused,
            ContainersStopped = statuses.Count - up - paused,
            Images = _parts.Images.Count(),
            Driver = "overlay2",
            DriverStatus = [["Backing Filesystem", _backing], ["Supports d_type", "true"], ["Using metacopy", "false"], ["Native Overlay Diff", "true"], ["userxattr", "false"]],
            DockerRootDir = _parts.Options.DataRoot,
            Plugins = new PluginsInfo { Volume = ["local"], Network = ["bridge", "host", "null"], Log = [.. LogDriver.All.Where(driver => driver != "none")] },
            MemoryLimit = facts.Limits.Memory,
            SwapLimit = facts.Limits.Swap,
            CpuCfsPeriod = facts.Limits.CpuCfs,
            CpuCfsQuota = facts.Limits.CpuCfs,
            CPUShares = facts.Limits.CpuShares,
            CPUSet = facts.Limits.Cpuset,
            PidsLimit = facts.Limits.Pids,
            OomKillDisable = facts.Limits.OomKillDisable,
            IPv4Forwarding = ReadLine("/proc/sys/net/ipv4/ip_forward") == "1",
            Debug = _parts.Options.Debug,
            NFd = Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(),
            NGoroutines = ThreadPool.ThreadCount,
            SystemTime = GoTime.Format(_parts.Time.GetUtcNow()),
            LoggingDriver = _parts.Options.LogDriver,
            CgroupDriver = "cgroupfs",
            CgroupVersion = facts.Cgroups == CgroupLayout.V2 ? "2" : "1",
            NEventsListener = _parts.Events.Listeners,
            KernelVersion = _kernel,
            OperatingSystem = _system.Name,
            OSVersion = _system.Version,
            OSType = "linux",
            Architecture = MachineName,
            NCPU = facts.Processors,
            MemTotal = _memoryBytes,
            IndexServerAddress = "https://index.docker.io/v1/",
            RegistryConfig = Registries(),
            Name = facts.Hostname,
            HttpProxy = Masked(proxies.Http),
            HttpsProxy = Masked(proxies.Https),
            NoProxy = proxies.Without ?? "",
            Labels = _parts.Options.Labels,
            ExperimentalBuild = false,
            ServerVersion = _parts.Options.ProductVersion,
            Runtimes = Runtimes(facts),
            CDISpecDirs = _parts.Options.CdiSpecDirectories,
            DefaultRuntime = _parts.Options.DefaultRuntime,
            Swarm = new SwarmInfo { NodeID = "", NodeAddr = "", LocalNodeState = "inactive", ControlAvailable = false, Error = "" },
            LiveRestoreEnabled = true, // containers never notice the engine's end
            Isolation = "",
            InitBinary = facts.Init ? Path.GetFileName(_parts.Options.InitBinary!) : "",
            ContainerdCommit = new ComponentCommit { ID = "" },
            RuncCommit = new ComponentCommit { ID = "" },
            InitCommit = new ComponentCommit { ID = "" },
            SecurityOptions =
            [
                .. facts.Seccomp ? [$"name=seccomp,profile={_parts.Options.SeccompProfile}"] : Array.Empty<string>(),
                .. facts.Remap is not null ? ["name=userns"] : Array.Empty<string>(),
            ],
            DefaultAddressPools = _parts.Options.AddressPools.Count == 0 ? null : [.. _parts.Options.AddressPools.Select(static pool => new SystemInfoDefaultAddressPools { Base = pool.Range.ToString(), Size = pool.PrefixLength })],
            ProductLicense = "Apache-2.0",
            FirewallBackend = new FirewallInfo { Driver = "nftables" },
            Warnings = [.. facts.Limits.Missing(facts.Cgroups), .. _parts.Bridge.Warnings],
        });
    }

    /// <summary>What <c>GET /version</c> answers, without the API versions, which are the counter's to know.</summary>
    public SystemVersion Version() => new()
    {
        Platform = new SystemVersionPlatform { Name = "Gantry" },
        Version = _parts.Options.ProductVersion,
        GitCommit = "",
        GoVersion = "",
        Os = "linux",
        Arch = _parts.Facts.Architecture,
        KernelVersion = _kernel,
        Experimental = false,
        BuildTime = "",
        Components =
        [
            new SystemVersionComponents { Name = "Engine", Version = _parts.Options.ProductVersion },
            new SystemVersionComponents { Name = "gantry-runtime", Version = _parts.Options.ProductVersion },
        ],
    };

    // Source: moby daemon/info.go, maskCredentials.
    private static string Masked(string? proxy) =>
        Uri.TryCreate(proxy, UriKind.Absolute, out var url) && url.UserInfo.Length > 0 ? proxy.Replace($"{url.UserInfo}@", "xxxxx:xxxxx@", StringComparison.Ordinal) : proxy ?? "";

    private static string MachineName => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "x86_64",
        Architecture.Arm64 => "aarch64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private Dictionary<string, RuntimeDescription?> Runtimes(HostFacts facts)
    {
        var all = new Dictionary<string, RuntimeDescription?>(StringComparer.Ordinal) { [RuntimeTable.Own] = new() { Path = _parts.Options.RuntimeBinary } };
        foreach (var (name, choice) in facts.Runtimes)
            all[name] = new() { Path = choice.Path, RuntimeArgs = choice.Arguments.Count > 0 ? choice.Arguments : null };
        return all;
    }

    private RegistryServiceConfig Registries() => new()
    {
        InsecureRegistryCIDRs = ["::1/128", "127.0.0.0/8", .. _parts.Options.InsecureRegistries.Where(IsNetwork)],
        IndexConfigs = _parts.Options.InsecureRegistries.Where(static entry => !IsNetwork(entry))
            .Select(static host => new IndexInfo { Name = host, Mirrors = [], Secure = false, Official = false })
            .Append(new IndexInfo { Name = "docker.io", Mirrors = _parts.Options.RegistryMirrors, Secure = true, Official = true })
            .DistinctBy(static index => index.Name)
            .ToDictionary(static index => index.Name!, static index => (IndexInfo?)index),
        Mirrors = _parts.Options.RegistryMirrors,
    };

    private static bool IsNetwork(string entry) => System.Net.IPNetwork.TryParse(entry, out _);

    /// <summary>The memory of this machine; 0 when it cannot be read.</summary>
    internal static long MachineMemoryBytes() => MemoryOf(ReadOrEmpty("/proc/meminfo"));

    internal static (string Name, string Version) OperatingSystemOf(string release)
    {
        var values = release.Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .DistinctBy(pair => pair[0])
            .ToDictionary(pair => pair[0], pair => pair[1].Trim().Trim('"', '\''));
        return (values.GetValueOrDefault("PRETTY_NAME", "Linux"), values.GetValueOrDefault("VERSION_ID", ""));
    }

    internal static long MemoryOf(string meminfo)
    {
        foreach (var line in meminfo.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("MemTotal:") && long.TryParse(line[9..].Trim().TrimEnd("kB").Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes))
                return kibibytes * 1024;
        }
        return 0;
    }

    private static string ReadLine(string path) => ReadOrEmpty(path).Trim();

    private static string ReadOrEmpty(string path) => File.Exists(path) ? File.ReadAllText(path) : "";
}
