using Gantry.Model;

namespace Gantry.Engine.Networks;

/// <summary>Sentences about networks that clients may parse.</summary>
public static class NetworkErrors
{
    public static GantryException NotFound(string name) => GantryException.Of(ErrorKind.NotFound, $"network {name} not found");

    /// <summary>As <see cref="NotFound"/>, of a container that is to be created: clients take a 404 for a missing image, which they pull.</summary>
    public static GantryException Unknown(string name) => GantryException.Of(ErrorKind.Invalid, NotFound(name).Message);

    // Source: moby daemon/container_operations.go, validateEndpointSettings.
    public static GantryException EndpointInvalid(string network, string why) =>
        GantryException.Of(ErrorKind.Invalid, $"invalid config for network {network}: invalid endpoint settings:\n{why}");
}
