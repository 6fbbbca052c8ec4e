namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerdInfo</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerdInfo.</remarks>
public sealed record ContainerdInfo
{
    public string? Address { get; init; }

    public ContainerdInfoNamespaces? Namespaces { get; init; }
}
