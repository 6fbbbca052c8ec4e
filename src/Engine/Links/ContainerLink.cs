using Gantry.Model;

namespace Gantry.Engine.Links;

/// <summary>A legacy link: another container of the default bridge, known under a name of one's own.</summary>
/// <param name="Child">The other container.</param>
/// <param name="Alias">What it is called here.</param>
public sealed record ContainerLink(ContainerId Child, string Alias);
