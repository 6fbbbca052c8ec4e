namespace Gantry.Model.Oci;

/// <summary>The container's root filesystem.</summary>
public sealed record RuntimeRoot
{
    /// <summary>Absolute, or relative to the bundle.</summary>
    public required string Path { get; init; }

    public bool Readonly { get; init; }
}
