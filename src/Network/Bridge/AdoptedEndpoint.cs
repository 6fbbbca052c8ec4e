using Gantry.Network.Ports;

namespace Gantry.Network.Bridge;

/// <summary>A live endpoint taken over from an earlier engine; use it as one got from AttachAsync and PublishAsync.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Ports">Its published ports; the sockets that reserve them are with the container's monitor.</param>
public sealed record AdoptedEndpoint(NetworkEndpoint Endpoint, PublishedPorts Ports);
