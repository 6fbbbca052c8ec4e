namespace Gantry.Model.Api;

/// <summary>Why a container is as it is: answer of <c>GET /containers/{id}/explain</c>, an extension of Gantry's.</summary>
public sealed record ContainerExplanation
{
    public required string Id { get; init; }

    /// <summary>Without a slash.</summary>
    public required string Name { get; init; }

    /// <summary>The image as it was asked for.</summary>
    public required string Image { get; init; }

    /// <summary>As <c>State.Status</c> of inspect.</summary>
    public required string Status { get; init; }

    /// <summary>How it is doing, or how it ended, in a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>What is wrong, the likeliest first; empty when nothing is seen to be wrong.</summary>
    public required IReadOnlyList<ContainerFinding> Findings { get; init; }

    /// <summary>The last lines of its log, oldest first, without control characters; empty when there are none, or they cannot be read.</summary>
    public required IReadOnlyList<string> LastLines { get; init; }
}
