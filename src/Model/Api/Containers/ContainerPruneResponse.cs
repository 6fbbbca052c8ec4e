namespace Gantry.Model.Api;

/// <summary>Answer of <c>POST /containers/prune</c>.</summary>
public sealed record ContainerPruneResponse
{
    public IReadOnlyList<string>? ContainersDeleted { get; init; }

    /// <summary>Freed bytes.</summary>
    public long? SpaceReclaimed { get; init; }
}
