using Gantry.Network.Bridge;
using Gantry.Network.Ports;

namespace Gantry.Engine.Containers.Records;

/// <summary>A running container's place on the default bridge.</summary>
/// <param name="Endpoint">Address and interface; a later engine adopts it by this.</param>
/// <param name="Ports">What is published, with the host ports that were found.</param>
public sealed record ContainerAttachment(EndpointRecord Endpoint, IReadOnlyList<PublishedPort> Ports);
