namespace Gantry.Build;

/// <summary>One <c>--mount</c> of RUN. Texts are unexpanded; the parser reads them again when they have been.</summary>
public sealed record MountFlag
{
    public required StepMountKind Kind { get; init; }

    /// <summary>A stage, an image or a named context; null: the build context, or nothing.</summary>
    public string? From { get; init; }

    public string? Source { get; init; }

    public string? Target { get; init; }

    public bool ReadOnly { get; init; }

    public long? SizeBytes { get; init; }

    public string? Id { get; init; }

    public CacheSharing Sharing { get; init; }

    public bool Required { get; init; }

    /// <summary>The variable that gets a secret; null: none.</summary>
    public string? Variable { get; init; }

    public int? Mode { get; init; }

    public long? Uid { get; init; }

    public long? Gid { get; init; }
}
