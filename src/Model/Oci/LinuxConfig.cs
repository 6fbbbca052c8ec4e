namespace Gantry.Model.Oci;

/// <summary>The <c>linux</c> object of <c>config.json</c>.</summary>
public sealed record LinuxConfig
{
    public IReadOnlyList<IdMapping>? UidMappings { get; init; }

    public IReadOnlyList<IdMapping>? GidMappings { get; init; }

    public IReadOnlyDictionary<string, string>? Sysctl { get; init; }

    public LinuxResources? Resources { get; init; }

    public string? CgroupsPath { get; init; }

    public IReadOnlyList<LinuxNamespace>? Namespaces { get; init; }

    public IReadOnlyList<LinuxDevice>? Devices { get; init; }

    public IReadOnlyDictionary<string, LinuxNetDevice>? NetDevices { get; init; }

    public LinuxSeccomp? Seccomp { get; init; }

    public string? RootfsPropagation { get; init; }

    public IReadOnlyList<string>? MaskedPaths { get; init; }

    public IReadOnlyList<string>? ReadonlyPaths { get; init; }

    public string? MountLabel { get; init; }

    public LinuxPersonality? Personality { get; init; }

    public IReadOnlyDictionary<string, LinuxTimeOffset>? TimeOffsets { get; init; }
}
