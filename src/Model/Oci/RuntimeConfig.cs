namespace Gantry.Model.Oci;

/// <summary>The <c>config.json</c> of an OCI bundle. Source: runtime-spec config.md 1.2. Properties serialize in camelCase.</summary>
public sealed record RuntimeConfig
{
    public string OciVersion { get; init; } = "1.2.0";

    public RuntimeProcess? Process { get; init; }

    public RuntimeRoot? Root { get; init; }

    public string? Hostname { get; init; }

    public string? Domainname { get; init; }

    public IReadOnlyList<RuntimeMount> Mounts { get; init; } = [];

    public RuntimeHooks? Hooks { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public LinuxConfig? Linux { get; init; }
}
