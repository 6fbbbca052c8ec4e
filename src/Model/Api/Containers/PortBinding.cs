namespace Gantry.Model.Api;

/// <summary>Wire shape <c>PortBinding</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition PortBinding.</remarks>
public sealed record PortBinding
{
    public string? HostIp { get; init; }

    public string? HostPort { get; init; }
}
