using Gantry.Network.Ports;

namespace Gantry.Network.Bridge;

/// <summary>An endpoint of a container that still runs when an engine starts.</summary>
/// <param name="Record">As it was kept.</param>
/// <param name="Pid">The container's first process, whose namespace is joined; null when unknown.</param>
/// <param name="Ports">The ports it had published, with their final host ports.</param>
public sealed record LiveEndpoint(EndpointRecord Record, int? Pid, IReadOnlyList<PublishedPort> Ports);
