namespace Gantry.Model.Api;

/// <summary>Body of <c>POST /containers/create</c>: on the wire the members of <see cref="Config"/> stand beside <c>HostConfig</c> and <c>NetworkingConfig</c>.</summary>
/// <remarks>Source: moby api/types/container/create_request.go (embedded Config). Written and read by <see cref="ContainerCreateRequestConverter"/>.</remarks>
public sealed record ContainerCreateRequest
{
    public ContainerConfig? Config { get; init; }

    public HostConfig? HostConfig { get; init; }

    public NetworkingConfig? NetworkingConfig { get; init; }
}
