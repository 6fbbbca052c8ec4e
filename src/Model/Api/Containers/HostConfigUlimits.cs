namespace Gantry.Model.Api;

/// <summary>Wire shape <c>HostConfigUlimits</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition HostConfigUlimits.</remarks>
public sealed record HostConfigUlimits
{
    public string? Name { get; init; }

    public long? Soft { get; init; }

    public long? Hard { get; init; }
}
