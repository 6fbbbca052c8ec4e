using Gantry.Engine.Operations;
using Gantry.Model.Api;

namespace Gantry.Engine.Networks;

/// <summary>The predefined networks: bridge, host, none.</summary>
public sealed class NetworkOperations
{
    public Task<IReadOnlyList<NetworkResource>> ListAsync(Filters filters, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <param name="network">Name, id or unique prefix of an id.</param>
    public Task<NetworkInspect> InspectAsync(string network, CancellationToken cancellationToken) => throw new NotSupportedException();
}
