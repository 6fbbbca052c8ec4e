namespace Gantry.Build;

/// <summary>A file of a result.</summary>
public sealed record ResultFile
{
    /// <summary>The last part of its path.</summary>
    public required string Path { get; init; }

    /// <summary>Kind and permissions, as Linux has them (<c>st_mode</c>).</summary>
    public required uint Mode { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>When its content changed last, in nanoseconds since 1970.</summary>
    public long ModifiedNanoseconds { get; init; }

    /// <summary>Where a link leads; empty: it is none.</summary>
    public string LinkTarget { get; init; } = "";
}
