namespace Gantry.Build;

/// <summary>A directory that a client sends. Its identity is its content, so that steps on it are shared by all clients.</summary>
public sealed class LocalContext() : Vertex([])
{
    /// <summary>The context's name: <c>context</c>, or that of a named one.</summary>
    public required string Context { get; init; }

    /// <summary>Whose directory it is.</summary>
    public required string Session { get; init; }

    /// <summary>What the client need not send, as in a .dockerignore file.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Only these paths, which may have wildcards, and what links on their way lead to; empty: everything.</summary>
    public IReadOnlyList<string> FollowPaths { get; init; } = [];

    /// <inheritdoc/>
    public override bool IsOfOneSession => true;

    private protected override void Describe(KeyWriter key) => key.Add(Context).Add(Session).Add(Excludes).Add(FollowPaths);
}
