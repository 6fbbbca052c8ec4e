namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ImageInspectMetadata</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ImageInspectMetadata.</remarks>
public sealed record ImageInspectMetadata
{
    public string? LastTagTime { get; init; }
}
