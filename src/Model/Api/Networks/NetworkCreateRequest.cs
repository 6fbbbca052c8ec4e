namespace Gantry.Model.Api;

/// <summary>Body of <c>POST /networks/create</c>.</summary>
/// <remarks>Source: Engine API 1.56, NetworkCreateRequest. <c>CheckDuplicate</c> was dropped in 1.44 and is ignored.</remarks>
public sealed record NetworkCreateRequest
{
    public string? Name { get; init; }

    public string? Driver { get; init; }

    public string? Scope { get; init; }

    public bool? EnableIPv4 { get; init; }

    public bool? EnableIPv6 { get; init; }

    public IPAM? IPAM { get; init; }

    public bool? Internal { get; init; }

    public bool? Attachable { get; init; }

    public bool? Ingress { get; init; }

    public bool? ConfigOnly { get; init; }

    public ConfigReference? ConfigFrom { get; init; }

    public IReadOnlyDictionary<string, string>? Options { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}
