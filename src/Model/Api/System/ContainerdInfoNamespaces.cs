namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerdInfoNamespaces</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerdInfoNamespaces.</remarks>
public sealed record ContainerdInfoNamespaces
{
    public string? Containers { get; init; }

    public string? Plugins { get; init; }
}
