namespace Gantry.Model.Api;

/// <summary>Answer of <c>POST /build/prune</c>.</summary>
public sealed record BuildPruneResponse
{
    public IReadOnlyList<string>? CachesDeleted { get; init; }

    /// <summary>Freed bytes.</summary>
    public long? SpaceReclaimed { get; init; }
}
