namespace Gantry.Engine.Containers;

/// <summary>How to remove a container.</summary>
/// <param name="Force">Kill it first when it runs.</param>
/// <param name="Volumes">Remove its anonymous volumes too.</param>
/// <param name="Link">The name is a link's (<c>web/db</c>): remove that, and no container.</param>
public sealed record RemoveRequest(bool Force = false, bool Volumes = false, bool Link = false);
