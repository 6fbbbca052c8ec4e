namespace Gantry.Model.Oci;

/// <summary>A limit on huge pages of one size.</summary>
public sealed record LinuxHugepageLimit
{
    /// <summary>As in <c>2MB</c>.</summary>
    public required string PageSize { get; init; }

    /// <summary>Bytes.</summary>
    public ulong Limit { get; init; }
}
