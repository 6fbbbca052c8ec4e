namespace Gantry.Model.Api;

/// <summary>Wire shape <c>SystemVersion</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition SystemVersion.</remarks>
public sealed record SystemVersion
{
    public SystemVersionPlatform? Platform { get; init; }

    public IReadOnlyList<SystemVersionComponents>? Components { get; init; }

    public string? Version { get; init; }

    public string? ApiVersion { get; init; }

    public string? MinAPIVersion { get; init; }

    public string? GitCommit { get; init; }

    public string? GoVersion { get; init; }

    public string? Os { get; init; }

    public string? Arch { get; init; }

    public string? KernelVersion { get; init; }

    public bool? Experimental { get; init; }

    public string? BuildTime { get; init; }
}
