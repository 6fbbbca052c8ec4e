using Gantry.Engine.Operations;

namespace Gantry.Engine.Containers;

/// <summary>Which containers to list.</summary>
public sealed record ContainerListQuery
{
    /// <summary>Also those that are not running.</summary>
    public bool All { get; init; }

    /// <summary>The newest so many, running or not; null or ≤ 0: no limit.</summary>
    public int? Limit { get; init; }

    /// <summary>Measure each container's files.</summary>
    public bool Size { get; init; }

    /// <summary>id, name, label, status, ancestor, before, since, exited, network, publish, expose, volume, health, is-task, isolation.</summary>
    public Filters Filters { get; init; } = Filters.None;
}
