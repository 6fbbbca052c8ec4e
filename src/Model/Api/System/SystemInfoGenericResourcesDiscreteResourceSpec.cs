namespace Gantry.Model.Api;

/// <summary>Wire shape <c>SystemInfoGenericResourcesDiscreteResourceSpec</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition SystemInfoGenericResourcesDiscreteResourceSpec.</remarks>
public sealed record SystemInfoGenericResourcesDiscreteResourceSpec
{
    public string? Kind { get; init; }

    public long? Value { get; init; }
}
