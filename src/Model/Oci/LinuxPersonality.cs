namespace Gantry.Model.Oci;

/// <summary>Execution domain. Source: personality(2).</summary>
public sealed record LinuxPersonality
{
    public required string Domain { get; init; }

    public IReadOnlyList<string>? Flags { get; init; }
}
