namespace Gantry.Model.Mounts;

/// <summary>
/// One mount that makes up a container's root filesystem. It is made by the launched child in its own mount namespace, at
/// the bundle's rootfs directory, so that the host's mountinfo stays short.
/// </summary>
public sealed record RootfsMount
{
    /// <summary>The filesystem type, as in <c>overlay</c>; <c>bind</c> for a bind mount.</summary>
    public required string Type { get; init; }

    /// <summary>The mount's source; for overlay just a label.</summary>
    public required string Source { get; init; }

    /// <summary>Options as mount(8) writes them, unjoined: flags (<c>ro</c>, <c>nosuid</c>) and filesystem data (<c>lowerdir=…</c>).</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>
    /// The directory to be in when mounting, absolute: relative names in the options start here. Mount data is limited to
    /// one page, so 125 layers need short names.
    /// </summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// A directory that holds <see cref="WorkingDirectory"/>, absolute: of a container with a user namespace of its own, what
    /// is below it is mounted through the container's id mappings, so that its files keep the ids on disk that they have
    /// inside. Null, or no new user namespace: it is mounted as it is.
    /// </summary>
    public string? MappedRoot { get; init; }
}
