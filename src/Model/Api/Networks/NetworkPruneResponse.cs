namespace Gantry.Model.Api;

/// <summary>Answer of <c>POST /networks/prune</c>.</summary>
public sealed record NetworkPruneResponse
{
    public IReadOnlyList<string>? NetworksDeleted { get; init; }
}
