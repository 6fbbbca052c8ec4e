namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerSummaryHealth</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerSummaryHealth.</remarks>
public sealed record ContainerSummaryHealth
{
    public string? Status { get; init; }

    public long? FailingStreak { get; init; }
}
