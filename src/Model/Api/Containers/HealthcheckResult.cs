namespace Gantry.Model.Api;

/// <summary>Wire shape <c>HealthcheckResult</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition HealthcheckResult.</remarks>
public sealed record HealthcheckResult
{
    public string? Start { get; init; }

    public string? End { get; init; }

    public long? ExitCode { get; init; }

    public string? Output { get; init; }
}
