namespace Gantry.Engine.Containers;

/// <summary>Where a container gets its network from.</summary>
internal enum NetworkKind
{
    /// <summary>The default bridge.</summary>
    Bridge,

    /// <summary>The host's own.</summary>
    Host,

    /// <summary>Nothing but loopback.</summary>
    None,

    /// <summary>Another container's.</summary>
    Container,
}
