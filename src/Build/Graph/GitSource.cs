namespace Gantry.Build;

/// <summary>The files of a git commit.</summary>
public sealed class GitSource() : Vertex([])
{
    /// <summary>Where the repository is.</summary>
    public required string Url { get; init; }

    /// <summary>Branch, tag or commit; null: the remote's default branch.</summary>
    public string? Ref { get; init; }

    /// <summary>A directory in the repository; null: all of it.</summary>
    public string? Subdirectory { get; init; }

    /// <summary>Keep <c>.git</c>.</summary>
    public bool KeepGitDirectory { get; init; }

    /// <summary>The commit that it must be, whole or its beginning; null: any.</summary>
    public string? Checksum { get; init; }

    /// <summary>Leave submodules out.</summary>
    public bool SkipsSubmodules { get; init; }

    /// <summary>The files have the commit's time, and not that of the check-out.</summary>
    public bool KeepsCommitTime { get; init; }

    /// <summary>The fetched files last as long as the build that fetched them.</summary>
    public override bool IsOfOneSession => true;

    private protected override void Describe(KeyWriter key) => key.Add(Url).Add(Ref).Add(Subdirectory).Add(KeepGitDirectory).Add(Checksum).Add(SkipsSubmodules).Add(KeepsCommitTime);
}
