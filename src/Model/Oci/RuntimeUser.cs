namespace Gantry.Model.Oci;

/// <summary>Who the process runs as; ids inside the container's user namespace.</summary>
public sealed record RuntimeUser
{
    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public uint? Umask { get; init; }

    public IReadOnlyList<uint>? AdditionalGids { get; init; }
}
