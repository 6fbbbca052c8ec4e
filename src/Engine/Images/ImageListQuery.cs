using Gantry.Engine.Operations;

namespace Gantry.Engine.Images;

/// <summary>What to list.</summary>
public sealed record ImageListQuery
{
    /// <summary>Untagged parents too.</summary>
    public bool All { get; init; }

    /// <summary>dangling, label, reference, before, since, until.</summary>
    public Filters Filters { get; init; } = Filters.None;

    /// <summary>Whether to count what images share; -1 is told otherwise.</summary>
    public bool SharedSize { get; init; }
}
