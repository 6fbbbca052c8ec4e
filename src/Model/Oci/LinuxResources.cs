namespace Gantry.Model.Oci;

/// <summary>Limits enforced by control groups.</summary>
public sealed record LinuxResources
{
    public IReadOnlyList<LinuxDeviceRule>? Devices { get; init; }

    public LinuxMemory? Memory { get; init; }

    public LinuxCpu? Cpu { get; init; }

    public LinuxPids? Pids { get; init; }

    public LinuxBlockIo? BlockIO { get; init; }

    public IReadOnlyList<LinuxHugepageLimit>? HugepageLimits { get; init; }

    public LinuxNetworkResources? Network { get; init; }

    public IReadOnlyDictionary<string, LinuxRdma>? Rdma { get; init; }

    public IReadOnlyDictionary<string, string>? Unified { get; init; }
}
