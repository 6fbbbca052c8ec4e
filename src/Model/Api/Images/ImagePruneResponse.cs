namespace Gantry.Model.Api;

/// <summary>Answer of <c>POST /images/prune</c>.</summary>
public sealed record ImagePruneResponse
{
    public IReadOnlyList<ImageDeleteResponseItem>? ImagesDeleted { get; init; }

    /// <summary>Freed bytes.</summary>
    public long? SpaceReclaimed { get; init; }
}
