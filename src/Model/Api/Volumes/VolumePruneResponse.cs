namespace Gantry.Model.Api;

/// <summary>Answer of <c>POST /volumes/prune</c>.</summary>
public sealed record VolumePruneResponse
{
    public IReadOnlyList<string>? VolumesDeleted { get; init; }

    /// <summary>Freed bytes.</summary>
    public long? SpaceReclaimed { get; init; }
}
