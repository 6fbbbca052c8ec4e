namespace Gantry.Model.Api;

/// <summary>Wire shape <c>SystemInfoDefaultAddressPools</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition SystemInfoDefaultAddressPools.</remarks>
public sealed record SystemInfoDefaultAddressPools
{
    public string? Base { get; init; }

    public long? Size { get; init; }
}
