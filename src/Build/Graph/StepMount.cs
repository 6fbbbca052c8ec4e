namespace Gantry.Build;

/// <summary>One mount of a step.</summary>
public sealed record StepMount
{
    public required StepMountKind Kind { get; init; }

    /// <summary>Absolute; null for a secret that is only a variable.</summary>
    public required string? Target { get; init; }

    /// <summary>The input's place in the step's list; null: none.</summary>
    public int? From { get; init; }

    /// <summary>A path in the input.</summary>
    public string Source { get; init; } = "/";

    /// <summary>What a cache, a secret or an agent is known by; null: not one of these.</summary>
    public string? Id { get; init; }

    /// <summary>The variable that gets the secret; null: none.</summary>
    public string? Variable { get; init; }

    public bool ReadOnly { get; init; }

    /// <summary>Fail where the client has no such secret or agent.</summary>
    public bool Required { get; init; }

    public CacheSharing Sharing { get; init; }

    /// <summary>Permission bits; null: the type's default.</summary>
    public int? Mode { get; init; }

    public long Uid { get; init; }

    public long Gid { get; init; }

    /// <summary>The most a tmpfs holds; null: no limit of its own.</summary>
    public long? SizeBytes { get; init; }

    internal void Describe(KeyWriter key)
    {
        key.Add((long)Kind).Add(Target).Add(From ?? -1).Add(ReadOnly);
        // The content of a bind's source is part of the key through the input; a cache's never is. A secret's name is, not its value.
        if (Kind is not StepMountKind.Cache)
            key.Add(Source).Add(Id).Add(Variable).Add(Mode ?? -1).Add(Uid).Add(Gid).Add(SizeBytes ?? -1);
    }
}
