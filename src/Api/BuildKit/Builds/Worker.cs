using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Gantry.Api.BuildKit.Wire;
using Gantry.Api.BuildKit.Wire.Pb;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>The one worker: this machine.</summary>
/// <remarks>Source: moby daemon/internal/builder-next/worker; buildx driver/docker: the label for the snapshotter tells clients that the
/// engine itself pushes, writes OCI layouts and builds for several platforms.</remarks>
internal static class Worker
{
    private const string GatewayLabel = "org.mobyproject.buildkit.worker.moby.host-gateway-ip";

    private const string SnapshotterLabel = "org.mobyproject.buildkit.worker.snapshotter";

    public static WorkerRecord Describe(BuildKitFacts facts)
    {
        var record = new WorkerRecord { ID = "gantry", BuildkitVersion = VersionOf(facts) };
        record.Labels[SnapshotterLabel] = "overlayfs";
        record.Platforms.AddRange(Platforms());
        record.Platforms.AddRange(facts.Builder.EmulatedPlatforms.Select(static text => text.Split('/')).Select(static parts => new Platform { OS = parts[0], Architecture = parts[1] }));
        if (facts.HostGateway() is { } gateway)
            record.Labels[GatewayLabel] = gateway;
        return record;
    }

    public static BuildkitVersion VersionOf(BuildKitFacts facts) => new() { Package = "gantry", Version = facts.ProductVersion };

    private static IEnumerable<Platform> Platforms()
    {
        var architecture = RuntimeInformation.OSArchitecture switch { Architecture.X64 => "amd64", Architecture.Arm64 => "arm64", var other => other.ToString().ToLowerInvariant() };
        yield return new Platform { OS = "linux", Architecture = architecture };
        if (architecture != "amd64")
            yield break;
        // The levels of the x86-64 psABI.
        var v2 = Sse42.IsSupported && Popcnt.IsSupported;
        var v3 = v2 && Avx2.IsSupported && Bmi2.IsSupported && Fma.IsSupported && Lzcnt.IsSupported;
        var v4 = v3 && Avx512BW.VL.IsSupported && Avx512DQ.VL.IsSupported && Avx512CD.VL.IsSupported;
        if (v2)
            yield return new Platform { OS = "linux", Architecture = architecture, Variant = "v2" };
        if (v3)
            yield return new Platform { OS = "linux", Architecture = architecture, Variant = "v3" };
        if (v4)
            yield return new Platform { OS = "linux", Architecture = architecture, Variant = "v4" };
    }
}
