namespace Gantry.Model.Monitor;

/// <summary>The words for a container's health, as the API writes them.</summary>
/// <remarks>Source: engine-api.yaml Health.Status.</remarks>
public static class HealthWords
{
    /// <summary>There is no health check.</summary>
    public const string None = "none";

    /// <summary>Not yet known.</summary>
    public const string Starting = "starting";

    public const string Healthy = "healthy";

    public const string Unhealthy = "unhealthy";
}
