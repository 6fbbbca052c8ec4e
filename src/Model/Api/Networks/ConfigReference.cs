namespace Gantry.Model.Api;

/// <summary>The network from which another one takes its configuration (config-only networks).</summary>
public sealed record ConfigReference
{
    public string? Network { get; init; }
}
