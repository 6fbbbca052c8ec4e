using System.Runtime.CompilerServices;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Monitors;
using Gantry.Engine.Operations;
using Gantry.Kernel.Cgroups;
using Gantry.Model.Api;

namespace Gantry.Engine.Stats;

/// <summary>Samples what containers use: some twenty small reads each, without a lock.</summary>
internal sealed class ContainerStats(EngineParts parts)
{
    /// <summary>Between two samples of a stream, as with Docker.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly SystemCpuClock _system = new(parts.Time);
    private readonly long _machineMemoryBytes = SystemReport.MachineMemoryBytes();

    /// <summary>One sample.</summary>
    /// <param name="container">Of which.</param>
    /// <param name="oneShot">At once and without a sample before it; else two are taken, a second apart, so that shares can be computed.</param>
    /// <param name="requested">Stops waiting.</param>
    public async Task<ContainerStatsResponse> SampleAsync(Container container, bool oneShot, CancellationToken requested)
    {
        var first = Take(container);
        if (oneShot || !ContainerStatus.HasProcess(container.Run.Status))
            return After(first, before: null);
        await Task.Delay(s_interval, parts.Time, requested);
        return After(Take(container), first);
    }

    /// <summary>A sample each second, the first at once, until the container is removed.</summary>
    public async IAsyncEnumerable<ContainerStatsResponse> StreamAsync(Container container, [EnumeratorCancellation] CancellationToken requested)
    {
        using var timer = new PeriodicTimer(s_interval, parts.Time);
        ContainerStatsResponse? before = null;
        do
        {
            var sample = Take(container);
            yield return After(sample, before);
            before = sample;
        }
        while (await timer.WaitForNextTickAsync(requested) && !container.Removed.IsCompleted);
    }

    private static ContainerStatsResponse After(ContainerStatsResponse sample, ContainerStatsResponse? before) =>
        sample with { PreRead = before?.Read ?? GoTime.Zero, PreCpu = before?.Cpu };

    /// <summary>A container without a process gives a sample of nothing, at no time.</summary>
    private ContainerStatsResponse Take(Container container)
    {
        var record = container.Record;
        var sample = new ContainerStatsResponse { Read = GoTime.Zero };
        if (ContainerStatus.HasProcess(record.Run.Status) && MonitorCgroups.Read(parts.Monitors.DirectoryOf(container.Id)) is { Count: > 0 } cgroups)
        {
            sample = StatsSample.Of(CgroupUsage.Read(cgroups), _system.Now(), _machineMemoryBytes) with
            {
                Read = GoTime.Format(parts.Time.GetUtcNow()),
                Networks = HasInterfaces(record.HostConfig.NetworkMode) ? InterfaceCounters.Read(record.Run.Pid) : null,
            };
        }
        return sample with { Name = $"/{record.Name}", Id = record.Id.ToString(), OsType = "linux" };
    }

    // The host's interfaces are not the container's, nor those of a container that has the host's.
    private bool HasInterfaces(string? mode) => NetworkModes.Kind(mode) switch
    {
        NetworkKind.Host or NetworkKind.None => false,
        NetworkKind.Container => parts.Containers.Find(NetworkModes.Donor(mode)!) is { } donor && HasInterfaces(donor.Record.HostConfig.NetworkMode),
        _ => true,
    };
}
