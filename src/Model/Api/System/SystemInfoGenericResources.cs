namespace Gantry.Model.Api;

/// <summary>Wire shape <c>SystemInfoGenericResources</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition SystemInfoGenericResources.</remarks>
public sealed record SystemInfoGenericResources
{
    public SystemInfoGenericResourcesNamedResourceSpec? NamedResourceSpec { get; init; }

    public SystemInfoGenericResourcesDiscreteResourceSpec? DiscreteResourceSpec { get; init; }
}
