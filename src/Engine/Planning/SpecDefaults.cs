using Gantry.Kernel.Cgroups;
using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>Completes what a client sent into what is kept and shown by inspect. Pure.</summary>
/// <remarks>Source: moby daemon/daemon_unix.go adaptContainerSettings.</remarks>
public static class SpecDefaults
{
    /// <summary>The size of /dev/shm where neither the container nor the engine's configuration says another.</summary>
    public const long ShmSizeBytes = 64L << 20;

    /// <summary>What a container may see but not write to.</summary>
    internal static IReadOnlyList<string> ReadonlyPaths { get; } = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <summary>What a container may not see: kernel memory, keys, timings, power of the host.</summary>
    internal static IReadOnlyList<string> MaskedPaths(HostFacts facts) =>
    [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
        "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap", .. facts.ThermalThrottlePaths,
    ];

    /// <summary>Fills in the defaults of a host configuration: the engine's own where it is configured to have some, else Docker's.</summary>
    public static HostConfig Complete(HostConfig hostConfig, HostFacts facts, EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(hostConfig);
        ArgumentNullException.ThrowIfNull(facts);
        var privileged = hostConfig.Privileged == true;
        return hostConfig with
        {
            NetworkMode = hostConfig.NetworkMode is null or "" or "default" ? "bridge" : hostConfig.NetworkMode,
            IpcMode = string.IsNullOrEmpty(hostConfig.IpcMode) ? options.IpcMode : hostConfig.IpcMode,
            PidMode = hostConfig.PidMode == "private" ? "" : hostConfig.PidMode ?? "",
            UTSMode = hostConfig.UTSMode == "private" ? "" : hostConfig.UTSMode ?? "",
            UsernsMode = hostConfig.UsernsMode ?? "",
            CgroupnsMode = CgroupNamespace(hostConfig, facts, options),
            ShmSize = hostConfig.ShmSize is null or 0 ? options.ShmSizeBytes : hostConfig.ShmSize,
            MemorySwap = hostConfig.MemorySwap is null or 0 && hostConfig.Memory is > 0 ? hostConfig.Memory * 2 : hostConfig.MemorySwap ?? 0,
            Memory = hostConfig.Memory ?? 0,
            // Where it cannot be switched off (version 2), Docker shows null.
            OomKillDisable = facts.Limits.OomKillDisable ? hostConfig.OomKillDisable ?? false : null,
            ConsoleSize = hostConfig.ConsoleSize ?? [0, 0],
            // Source: moby daemon/daemon_unix.go generateSecurityOpt; processes of the host cannot be given labels.
            SecurityOpt = hostConfig.SecurityOpt ?? (privileged || hostConfig.IpcMode == "host" || hostConfig.PidMode == "host" ? ["label=disable"] : null),
            OomScoreAdj = hostConfig.OomScoreAdj ?? 0,
            PidsLimit = hostConfig.PidsLimit is <= 0 ? null : hostConfig.PidsLimit,
            MaskedPaths = privileged ? null : hostConfig.MaskedPaths ?? MaskedPaths(facts),
            ReadonlyPaths = privileged ? null : hostConfig.ReadonlyPaths ?? ReadonlyPaths,
            RestartPolicy = string.IsNullOrEmpty(hostConfig.RestartPolicy?.Name) ? new() { Name = "no", MaximumRetryCount = 0 } : hostConfig.RestartPolicy,
            LogConfig = Log(hostConfig.LogConfig, options),
            Runtime = string.IsNullOrEmpty(hostConfig.Runtime) ? options.DefaultRuntime : hostConfig.Runtime,
        };
    }

    // The configured options are those of the configured driver: another one would not understand them.
    private static HostConfigLogConfig Log(HostConfigLogConfig? asked, EngineOptions options)
    {
        var type = string.IsNullOrEmpty(asked?.Type) ? options.LogDriver : asked.Type;
        var config = new Dictionary<string, string>(type == options.LogDriver ? options.LogOptions : new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (var (key, value) in asked?.Config ?? new Dictionary<string, string>())
            config[key] = value;
        return new() { Type = type, Config = config };
    }

    private static string CgroupNamespace(HostConfig host, HostFacts facts, EngineOptions options)
    {
        // Version 1 cannot show a privileged container its own part of the tree writably in a namespace of its own.
        if (host.Privileged == true && facts.Cgroups != CgroupLayout.V2)
            return "host";
        if (!string.IsNullOrEmpty(host.CgroupnsMode))
            return host.CgroupnsMode;
        return options.CgroupNamespaceMode ?? (facts.Cgroups == CgroupLayout.V2 ? "private" : "host");
    }
}
