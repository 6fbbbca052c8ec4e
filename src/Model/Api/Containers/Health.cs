namespace Gantry.Model.Api;

/// <summary>Wire shape <c>Health</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition Health.</remarks>
public sealed record Health
{
    public string? Status { get; init; }

    public long? FailingStreak { get; init; }

    public IReadOnlyList<HealthcheckResult>? Log { get; init; }
}
