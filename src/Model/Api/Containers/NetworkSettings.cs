namespace Gantry.Model.Api;

/// <summary>Wire shape <c>NetworkSettings</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition NetworkSettings.</remarks>
public sealed record NetworkSettings
{
    public string? SandboxID { get; init; }

    public string? SandboxKey { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>? Ports { get; init; }

    public IReadOnlyDictionary<string, EndpointSettings>? Networks { get; init; }
}
