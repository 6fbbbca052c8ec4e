namespace Gantry.Model.Oci;

/// <summary>Capability sets by name (<c>CAP_…</c>).</summary>
public sealed record RuntimeCapabilities
{
    public IReadOnlyList<string>? Bounding { get; init; }

    public IReadOnlyList<string>? Effective { get; init; }

    public IReadOnlyList<string>? Inheritable { get; init; }

    public IReadOnlyList<string>? Permitted { get; init; }

    public IReadOnlyList<string>? Ambient { get; init; }
}
