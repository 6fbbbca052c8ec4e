namespace Gantry.Model.Api;

/// <summary>Wire shape <c>IPAM</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition IPAM.</remarks>
public sealed record IPAM
{
    public string? Driver { get; init; }

    public IReadOnlyList<IPAMConfig>? Config { get; init; }

    public IReadOnlyDictionary<string, string>? Options { get; init; }
}
