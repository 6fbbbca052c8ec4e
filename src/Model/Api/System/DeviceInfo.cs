namespace Gantry.Model.Api;

/// <summary>Wire shape <c>DeviceInfo</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition DeviceInfo.</remarks>
public sealed record DeviceInfo
{
    public string? Source { get; init; }

    public string? ID { get; init; }
}
