using Gantry.Model;

namespace Gantry.Build;

/// <summary>Which files of a client's directory are wanted.</summary>
public sealed record ContextRequest
{
    /// <summary>The directory's name: <c>context</c>, <c>dockerfile</c>, or that of a named context.</summary>
    public required string Name { get; init; }

    /// <summary>Patterns of what is left out, as in a .dockerignore file.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Only these paths, and what links on their way lead to; empty: everything.</summary>
    public IReadOnlyList<string> FollowPaths { get; init; } = [];

    /// <summary>What the last call for the directory told as its listing; null: nobody knows what the directory holds.</summary>
    public Digest? Known { get; init; }
}
