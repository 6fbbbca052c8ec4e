namespace Gantry.Model.Api;

/// <summary>Wire shape <c>HostConfigBlkioWeightDevice</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition HostConfigBlkioWeightDevice.</remarks>
public sealed record HostConfigBlkioWeightDevice
{
    public string? Path { get; init; }

    public long? Weight { get; init; }
}
