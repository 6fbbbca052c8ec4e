namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ThrottleDevice</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ThrottleDevice.</remarks>
public sealed record ThrottleDevice
{
    public string? Path { get; init; }

    public long? Rate { get; init; }
}
