using Gantry.Model.Patterns;

namespace Gantry.Engine.Builds;

/// <summary>What a copy changes of what it copies, and what it leaves out.</summary>
internal sealed record CopyRules
{
    private const uint Usual = 0x1ED; // 0755

    /// <summary>The copies' owner; null: as in the source.</summary>
    public (uint Uid, uint Gid)? Owner { get; init; }

    /// <summary>The owner of directories that are made on the way.</summary>
    public (uint Uid, uint Gid) ParentOwner => Owner ?? (0, 0);

    /// <summary>As in <see cref="ModeChange"/>; null: as in the source.</summary>
    public string? Mode { get; init; }

    /// <summary>The mode of directories that are made on the way: newer BuildKits give them what they give the copies, but for set-id bits.</summary>
    public uint ParentMode => Mode is { } change ? ModeChange.Apply(change, Usual, isDirectory: true) & 0x1FF : Usual;

    /// <summary>The copies' time; null: as in the source.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Left out, by the path from the directory that is copied, and a single file by its name; null: nothing.</summary>
    public PatternMatcher? Excludes { get; init; }

    /// <summary>Only these, by the path from where the copy begins, with their parents; null: everything.</summary>
    public PatternMatcher? Includes { get; init; }
}
