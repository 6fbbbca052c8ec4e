namespace Gantry.Model.Api;

/// <summary>Wire shape <c>EndpointIPAMConfig</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition EndpointIPAMConfig.</remarks>
public sealed record EndpointIPAMConfig
{
    public string? IPv4Address { get; init; }

    public string? IPv6Address { get; init; }

    public IReadOnlyList<string>? LinkLocalIPs { get; init; }
}
