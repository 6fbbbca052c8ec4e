namespace Gantry.Build;

/// <summary>One <c>--mount</c> of RUN, its variables replaced and its options checked: what <see cref="MountFlagParser"/> makes of a <see cref="MountText"/>.</summary>
public sealed record MountFlag
{
    public required StepMountKind Kind { get; init; }

    /// <summary>A stage, an image or a named context; null: the build context, or nothing.</summary>
    public string? From { get; init; }

    /// <summary>Secrets: another way to say <see cref="Id"/>.</summary>
    public string? Source { get; init; }

    public string? Target { get; init; }

    public bool ReadOnly { get; init; }

    public long? SizeBytes { get; init; }

    public string? Id { get; init; }

    public CacheSharing Sharing { get; init; }

    public bool Required { get; init; }

    /// <summary>The variable that gets a secret; empty: one of the secret's name; null: none.</summary>
    public string? Variable { get; init; }

    /// <summary>Permission bits; null: the type's default.</summary>
    public int? Mode { get; init; }

    public long? Uid { get; init; }

    public long? Gid { get; init; }
}
