namespace Gantry.Model.Api;

/// <summary>Wire shape <c>RootFSStorage</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition RootFSStorage.</remarks>
public sealed record RootFSStorage
{
    public RootFSStorageSnapshot? Snapshot { get; init; }
}
