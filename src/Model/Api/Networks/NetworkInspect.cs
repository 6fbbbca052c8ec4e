namespace Gantry.Model.Api;

/// <summary>A network with the containers on it.</summary>
/// <remarks>Source: engine-api.yaml, NetworkInspect: a NetworkResource with Containers.</remarks>
public sealed record NetworkInspect
{
    public string? Name { get; init; }

    public string? Id { get; init; }

    public string? Created { get; init; }

    public string? Scope { get; init; }

    public string? Driver { get; init; }

    public bool? EnableIPv4 { get; init; }

    public bool? EnableIPv6 { get; init; }

    public IPAM? IPAM { get; init; }

    public bool? Internal { get; init; }

    public bool? Attachable { get; init; }

    public bool? Ingress { get; init; }

    public ConfigReference? ConfigFrom { get; init; }

    public bool? ConfigOnly { get; init; }

    public IReadOnlyDictionary<string, string>? Options { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The running containers on it, by container id.</summary>
    public IReadOnlyDictionary<string, EndpointResource>? Containers { get; init; }
}
