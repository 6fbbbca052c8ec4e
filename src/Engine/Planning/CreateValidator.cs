using Gantry.Engine.Containers;
using Gantry.Engine.Health;
using Gantry.Engine.Remap;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>Checks what a client wants before anything is made. Every problem is found at once.</summary>
/// <remarks>Source: moby daemon/container.go verifyContainerSettings, daemon/daemon_unix.go verifyPlatformContainerResources, runconfig/hostconfig_unix.go.</remarks>
public static class CreateValidator
{
    /// <summary>The problems, in Docker's words where it has some; empty when all is well.</summary>
    /// <param name="config">Merged with the image's.</param>
    /// <param name="hostConfig">Completed.</param>
    /// <param name="facts">The machine.</param>
    public static IReadOnlyList<string> Problems(ContainerConfig config, HostConfig hostConfig, HostFacts facts)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(hostConfig);
        ArgumentNullException.ThrowIfNull(facts);
        var problems = new List<string>();
        Config(config, problems);
        NamespaceChecks.Find(config, hostConfig, problems);
        RemapRules.Find(hostConfig, facts, problems);
        ResourceChecks.Find(hostConfig, facts, problems);
        UnsupportedChecks.Find(config, hostConfig, facts, problems);
        Policies(config, hostConfig, problems);
        Security(hostConfig, facts, problems);
        if (hostConfig.Annotations?.ContainsKey("") == true)
            problems.Add("invalid Annotations: the empty string is not permitted as an annotation key");
        return problems;
    }

    /// <summary>What does not hinder the container but differs from what was asked: the <c>Warnings</c> of the create response.</summary>
    public static IReadOnlyList<string> Warnings(HostConfig hostConfig)
    {
        ArgumentNullException.ThrowIfNull(hostConfig);
        var warnings = new List<string>();
        if (ContainerModes.IsHost(hostConfig.NetworkMode) && hostConfig.PortBindings is { Count: > 0 })
            warnings.Add("Published ports are discarded when using host network mode");
        if (hostConfig.OomKillDisable == true && hostConfig.Memory is not > 0)
            warnings.Add("OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.");
        if (hostConfig.Privileged == true && (hostConfig.CapAdd is { Count: > 0 } || hostConfig.CapDrop is { Count: > 0 }))
            warnings.Add("A privileged container has every capability: CapAdd and CapDrop have no effect.");
        return warnings;
    }

    /// <summary>Throws when there are problems: one sentence, several joined with newlines.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static void Check(ContainerConfig config, HostConfig hostConfig, HostFacts facts)
    {
        Refuse(Problems(config, hostConfig, facts));
    }

    /// <summary>Throws when limits contradict each other, or cannot be kept here: for <c>update</c>.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    internal static void CheckResources(HostConfig hostConfig, HostFacts facts, bool change = false)
    {
        var problems = new List<string>();
        ResourceChecks.Find(hostConfig, facts, problems, change);
        Refuse(problems);
    }

    /// <summary>Throws when a restart policy is none: for <c>update</c>.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    internal static void CheckPolicy(ContainerConfig config, HostConfig hostConfig)
    {
        var problems = new List<string>();
        Policies(config, hostConfig, problems);
        Refuse(problems);
    }

    private static void Refuse(IReadOnlyList<string> problems)
    {
        if (problems.Count > 0)
            throw GantryException.Of(ErrorKind.Invalid, string.Join('\n', problems));
    }

    private static void Config(ContainerConfig config, List<string> problems)
    {
        // HOST_NAME_MAX of the kernel.
        if (config.Hostname is { Length: > 64 })
            problems.Add($"invalid hostname \"{config.Hostname}\": it has {config.Hostname.Length} characters, and 64 are allowed");
        if (config.Domainname is { Length: > 64 })
            problems.Add($"invalid domainname \"{config.Domainname}\": it has {config.Domainname.Length} characters, and 64 are allowed");
        if (!string.IsNullOrEmpty(config.WorkingDir) && config.WorkingDir[0] != '/')
            problems.Add($"the working directory '{config.WorkingDir}' is invalid, it needs to be an absolute path");
        foreach (var entry in config.Env ?? [])
        {
            if (entry.Length == 0 || entry[0] == '=')
                problems.Add($"invalid environment variable: {entry}");
            else if (entry.Contains('\0', StringComparison.Ordinal))
                problems.Add($"invalid environment variable: {entry.Split('=', 2)[0]} contains a NUL character");
        }

        if ((config.Entrypoint ?? []).Concat(config.Cmd ?? []).Any(word => word.Contains('\0', StringComparison.Ordinal)))
            problems.Add("the command contains a NUL character, which no argument can have");
        if (!string.IsNullOrEmpty(config.StopSignal))
            Try(() => Signals.Parse(config.StopSignal), problems);
        Healthcheck(config.Healthcheck, problems);
    }

    private static void Healthcheck(HealthConfig? health, List<string> problems)
    {
        if (health is null)
            return;
        Duration("Interval", health.Interval);
        Duration("Timeout", health.Timeout);
        Duration("StartPeriod", health.StartPeriod);
        Duration("StartInterval", health.StartInterval);
        if (health.Retries < 0)
            problems.Add("Retries in Healthcheck cannot be negative");

        void Duration(string name, long? nanoseconds)
        {
            if (nanoseconds is not null and not 0 and < 1_000_000)
                problems.Add($"{name} in Healthcheck cannot be less than 1ms");
        }
    }

    private static void Policies(ContainerConfig config, HostConfig host, List<string> problems)
    {
        var policy = host.RestartPolicy?.Name ?? "";
        var retries = host.RestartPolicy?.MaximumRetryCount ?? 0;
        if (policy is not ("" or "no" or "always" or "unless-stopped" or "on-failure" or HealthWatch.ReplacePolicy))
            problems.Add($"invalid restart policy: unknown policy '{policy}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
        else if (retries != 0 && policy is not ("on-failure" or HealthWatch.ReplacePolicy))
            problems.Add("invalid restart policy: maximum retry count can only be used with 'on-failure'" + (retries < 0 ? " and cannot be negative" : ""));
        else if (retries < 0)
            problems.Add("invalid restart policy: maximum retry count cannot be negative");
        if (host.AutoRemove == true && policy is not ("" or "no"))
            problems.Add("can't create 'AutoRemove' container with restart policy");
        if (policy == HealthWatch.ReplacePolicy && HealthPlan.CommandOf(config) is null)
            problems.Add("invalid restart policy: 'on-unhealthy' needs a health check: add --health-cmd, or use an image that has one");
    }

    private static void Security(HostConfig host, HostFacts facts, List<string> problems)
    {
        if (host.Privileged != true)
        {
            Named("invalid CapAdd", host.CapAdd);
            Named("invalid CapDrop", host.CapDrop);
        }

        var options = SecurityOptions.Parse(host.SecurityOpt, problems);
        if (options.Seccomp is { } profile and not ("unconfined" or "builtin"))
        {
            if (!facts.Seccomp)
                problems.Add("seccomp is not enabled in your kernel, cannot run a custom seccomp profile");
            else
                Try(() => SeccompProfile.Parse(profile), problems);
        }

        foreach (var name in (host.Sysctls ?? new Dictionary<string, string>()).Keys)
            SysctlChecks.Find(name, host, problems);
        foreach (var rule in host.DeviceCgroupRules ?? [])
            Try(() => ResourcePlan.ParseDeviceRule(rule), problems);

        void Named(string field, IReadOnlyList<string>? names)
        {
            var unknown = new List<string>();
            CapabilityPlan.Normalize(names, facts.AvailableCapabilities, unknown);
            problems.AddRange(unknown.Select(problem => $"{field}: {problem}"));
        }
    }

    private static void Try(Action check, List<string> problems)
    {
        try
        {
            check();
        }
        catch (GantryException problem)
        {
            problems.Add(problem.Message);
        }
    }
}
