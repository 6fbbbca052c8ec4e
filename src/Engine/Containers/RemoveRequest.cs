namespace Gantry.Engine.Containers;

/// <summary>How to remove a container.</summary>
/// <param name="Force">Kill it first when it runs.</param>
/// <param name="Volumes">Remove its anonymous volumes too.</param>
/// <param name="Link">Remove a link instead of the container; not supported.</param>
public sealed record RemoveRequest(bool Force = false, bool Volumes = false, bool Link = false);
