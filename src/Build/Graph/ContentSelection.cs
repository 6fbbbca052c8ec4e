namespace Gantry.Build;

/// <summary>The part of a file tree whose content is part of a step's key.</summary>
/// <remarks>Its digest covers names, types, modes, owners, link targets and data; never times.</remarks>
public sealed record ContentSelection
{
    /// <summary>Paths from the tree's root, with wildcards where <see cref="HasWildcards"/> says so.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Patterns of what is left out of each directory, as in a .dockerignore file that lies in it.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Whether <c>*</c>, <c>?</c> and <c>[</c> in the paths are wildcards.</summary>
    public bool HasWildcards { get; init; }

    /// <summary>A text that is the same for the same selection: what its digest may be remembered by.</summary>
    public string Id
    {
        get
        {
            using var key = new KeyWriter();
            return key.Add(Paths).Add(Excludes).Add(HasWildcards).Finish().ToString();
        }
    }
}
