using Gantry.Kernel.Cgroups;
using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>Completes what a client sent into what is kept and shown by inspect. Pure.</summary>
/// <remarks>Source: moby daemon/daemon_unix.go adaptContainerSettings.</remarks>
public static class SpecDefaults
{
    /// <summary>What a container may see but not write to.</summary>
    internal static IReadOnlyList<string> ReadonlyPaths { get; } = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <summary>What a container may not see: kernel memory, keys, timings, power of the host.</summary>
    internal static IReadOnlyList<string> MaskedPaths(HostFacts facts) =>
    [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
        "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware", .. facts.ThermalThrottlePaths,
    ];

    /// <summary>Fills in the defaults of a host configuration.</summary>
    public static HostConfig Complete(HostConfig hostConfig, HostFacts facts)
    {
        ArgumentNullException.ThrowIfNull(hostConfig);
        ArgumentNullException.ThrowIfNull(facts);
        var privileged = hostConfig.Privileged == true;
        return hostConfig with
        {
            NetworkMode = hostConfig.NetworkMode is null or "" or "default" ? "bridge" : hostConfig.NetworkMode,
            IpcMode = string.IsNullOrEmpty(hostConfig.IpcMode) ? "private" : hostConfig.IpcMode,
            PidMode = hostConfig.PidMode == "private" ? "" : hostConfig.PidMode ?? "",
            UTSMode = hostConfig.UTSMode == "private" ? "" : hostConfig.UTSMode ?? "",
            UsernsMode = hostConfig.UsernsMode ?? "",
            CgroupnsMode = CgroupNamespace(hostConfig, facts),
            ShmSize = hostConfig.ShmSize is > 0 ? hostConfig.ShmSize : 64L << 20,
            MemorySwap = hostConfig.MemorySwap is null or 0 && hostConfig.Memory is > 0 ? hostConfig.Memory * 2 : hostConfig.MemorySwap ?? 0,
            Memory = hostConfig.Memory ?? 0,
            // Version 2 cannot switch the killer off: Docker shows null there.
            OomKillDisable = facts.Cgroups == CgroupLayout.V2 ? null : hostConfig.OomKillDisable ?? false,
            OomScoreAdj = hostConfig.OomScoreAdj ?? 0,
            PidsLimit = hostConfig.PidsLimit is <= 0 ? null : hostConfig.PidsLimit,
            MaskedPaths = privileged ? null : hostConfig.MaskedPaths ?? MaskedPaths(facts),
            ReadonlyPaths = privileged ? null : hostConfig.ReadonlyPaths ?? ReadonlyPaths,
            RestartPolicy = string.IsNullOrEmpty(hostConfig.RestartPolicy?.Name) ? new() { Name = "no", MaximumRetryCount = 0 } : hostConfig.RestartPolicy,
            LogConfig = string.IsNullOrEmpty(hostConfig.LogConfig?.Type) ? new() { Type = "json-file", Config = hostConfig.LogConfig?.Config ?? new Dictionary<string, string>() } : hostConfig.LogConfig,
            Runtime = string.IsNullOrEmpty(hostConfig.Runtime) ? "gantry" : hostConfig.Runtime,
        };
    }

    private static string CgroupNamespace(HostConfig host, HostFacts facts)
    {
        // Version 1 cannot show a privileged container its own part of the tree writably in a namespace of its own.
        if (host.Privileged == true && facts.Cgroups != CgroupLayout.V2)
            return "host";
        return !string.IsNullOrEmpty(host.CgroupnsMode) ? host.CgroupnsMode : facts.Cgroups == CgroupLayout.V2 ? "private" : "host";
    }
}
