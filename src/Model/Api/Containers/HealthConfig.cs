namespace Gantry.Model.Api;

/// <summary>Wire shape <c>HealthConfig</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition HealthConfig.</remarks>
public sealed record HealthConfig
{
    public IReadOnlyList<string>? Test { get; init; }

    public long? Interval { get; init; }

    public long? Timeout { get; init; }

    public long? Retries { get; init; }

    public long? StartPeriod { get; init; }

    public long? StartInterval { get; init; }
}
