namespace Gantry.Model.Api;

/// <summary>Wire shape <c>RootFSStorageSnapshot</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition RootFSStorageSnapshot.</remarks>
public sealed record RootFSStorageSnapshot
{
    public string? Name { get; init; }
}
