using Gantry.Model;

namespace Gantry.Build;

/// <summary>What a build made.</summary>
public sealed record BuildOutcome
{
    /// <summary>The digest of the image's configuration; null: the build had another output, or none.</summary>
    public Digest? Image { get; init; }

    /// <summary>The digest of its manifest; null as above.</summary>
    public Digest? Manifest { get; init; }

    /// <summary>The names that it was given, in full.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>
    /// What an output tells of itself, in BuildKit's words (<c>containerimage.digest</c>, …); objects are JSON in base 64, as BuildKit sends
    /// them. Empty: there is nothing beside <see cref="Image"/>, <see cref="Manifest"/> and <see cref="Names"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>What linting found.</summary>
    public IReadOnlyList<LintWarning> Warnings { get; init; } = [];

    /// <summary>The Dockerfile as it was read: its lines are what warnings and failures point into.</summary>
    public required Dockerfile Dockerfile { get; init; }
}
