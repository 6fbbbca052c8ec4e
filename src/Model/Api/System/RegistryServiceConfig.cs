namespace Gantry.Model.Api;

/// <summary>Wire shape <c>RegistryServiceConfig</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition RegistryServiceConfig.</remarks>
public sealed record RegistryServiceConfig
{
    public IReadOnlyList<string>? InsecureRegistryCIDRs { get; init; }

    public IReadOnlyDictionary<string, IndexInfo?>? IndexConfigs { get; init; }

    public IReadOnlyList<string>? Mirrors { get; init; }
}
