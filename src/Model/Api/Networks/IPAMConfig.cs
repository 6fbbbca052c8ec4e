namespace Gantry.Model.Api;

/// <summary>Wire shape <c>IPAMConfig</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition IPAMConfig.</remarks>
public sealed record IPAMConfig
{
    public string? Subnet { get; init; }

    public string? IPRange { get; init; }

    public string? Gateway { get; init; }

    public IReadOnlyDictionary<string, string>? AuxiliaryAddresses { get; init; }
}
