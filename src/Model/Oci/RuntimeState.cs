namespace Gantry.Model.Oci;

/// <summary>What <c>state</c> prints and hooks read. Source: runtime-spec runtime.md, State.</summary>
public sealed record RuntimeState
{
    public string OciVersion { get; init; } = "1.2.0";

    public required string Id { get; init; }

    /// <summary>creating, created, running, stopped or paused.</summary>
    public required string Status { get; init; }

    public int? Pid { get; init; }

    public required string Bundle { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
