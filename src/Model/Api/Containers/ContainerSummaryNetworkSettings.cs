namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerSummaryNetworkSettings</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerSummaryNetworkSettings.</remarks>
public sealed record ContainerSummaryNetworkSettings
{
    public IReadOnlyDictionary<string, EndpointSettings>? Networks { get; init; }
}
