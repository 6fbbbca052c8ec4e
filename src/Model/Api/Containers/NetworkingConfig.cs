namespace Gantry.Model.Api;

/// <summary>Wire shape <c>NetworkingConfig</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition NetworkingConfig.</remarks>
public sealed record NetworkingConfig
{
    public IReadOnlyDictionary<string, EndpointSettings>? EndpointsConfig { get; init; }
}
