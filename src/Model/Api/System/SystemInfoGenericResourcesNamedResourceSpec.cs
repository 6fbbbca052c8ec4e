namespace Gantry.Model.Api;

/// <summary>Wire shape <c>SystemInfoGenericResourcesNamedResourceSpec</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition SystemInfoGenericResourcesNamedResourceSpec.</remarks>
public sealed record SystemInfoGenericResourcesNamedResourceSpec
{
    public string? Kind { get; init; }

    public string? Value { get; init; }
}
