namespace Gantry.Model.Oci;

/// <summary>I/O priority. Source: ioprio_set(2).</summary>
public sealed record RuntimeIoPriority
{
    /// <summary>As in <c>IOPRIO_CLASS_BE</c>.</summary>
    public required string Class { get; init; }

    public int Priority { get; init; }
}
