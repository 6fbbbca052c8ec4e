using Gantry.Model;

namespace Gantry.Engine.Networks;

/// <summary>Sentences about networks that clients may parse.</summary>
public static class NetworkErrors
{
    public static GantryException NotFound(string name) => GantryException.Of(ErrorKind.NotFound, $"network {name} not found");
}
