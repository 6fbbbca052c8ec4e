using Gantry.Engine.Devices;
using Gantry.Engine.Runtimes;
using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>What the API has and this engine has not: each is refused by name, never dropped in silence.</summary>
internal static class UnsupportedChecks
{
    public static void Find(ContainerConfig config, HostConfig host, HostFacts facts, List<string> problems)
    {
        Refuse(config.NetworkDisabled == true, "NetworkDisabled is not supported: use network mode \"none\" instead");
        StorageOptions.Find(host, facts, problems);
        Refuse(host.VolumeDriver is not (null or "" or "local"), $"volume driver \"{host.VolumeDriver}\" is not supported: leave --volume-driver out");
        Refuse(!string.IsNullOrEmpty(host.Cgroup), $"invalid cgroup mode: {host.Cgroup}");
        Refuse(!RuntimeTable.IsKnown(facts.Runtimes, host.Runtime), $"unknown or invalid runtime name: {host.Runtime}");
        Refuse(host.Isolation is not (null or "" or "default"), $"invalid isolation \"{host.Isolation}\" on linux");
        Refuse(host.CpuCount is > 0 || host.CpuPercent is > 0, "CpuCount and CpuPercent are limits of Windows: use --cpus");
        Refuse(host.IOMaximumIOps is > 0 || host.IOMaximumBandwidth is > 0, "Invalid QoS settings: Linux does not support configuration of maximum I/O bandwidth or IOPS for the whole container: use --device-read-bps and the like");
        Refuse(host.Init == true && !facts.Init, "--init is not supported: the engine has no init binary; install gantry-init beside gantryd, or name one with gantryd --init-path");
        foreach (var request in (host.DeviceRequests ?? []).Where(request => !CdiInjection.CanAnswer(request, facts.Gpus)))
            problems.Add($"could not select device driver \"{request.Driver}\" with capabilities: [{string.Join(' ', (request.Capabilities ?? []).Select(group => $"[{string.Join(' ', group)}]"))}]");

        void Refuse(bool when, string sentence)
        {
            if (when)
                problems.Add(sentence);
        }
    }
}
