namespace Gantry.Model.Api;

/// <summary>Wire shape <c>Storage</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition Storage.</remarks>
public sealed record ContainerStorage
{
    public RootFSStorage? RootFS { get; init; }
}
