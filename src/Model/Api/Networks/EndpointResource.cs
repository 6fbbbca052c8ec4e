namespace Gantry.Model.Api;

/// <summary>Wire shape <c>EndpointResource</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition EndpointResource.</remarks>
public sealed record EndpointResource
{
    public string? Name { get; init; }

    public string? EndpointID { get; init; }

    public string? MacAddress { get; init; }

    public string? IPv4Address { get; init; }

    public string? IPv6Address { get; init; }
}
