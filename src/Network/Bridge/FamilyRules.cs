using Gantry.Network.Ports;

namespace Gantry.Network.Bridge;

/// <summary>The rules of a bridge for both kinds of packets; a port belongs to the kind of its host address. Pure.</summary>
internal sealed class FamilyRules
{
    private readonly BridgeRules _four;
    private readonly BridgeRules? _six;

    public FamilyRules(BridgeOptions options, BridgeInterface bridge)
    {
        _four = new(options, bridge.Subnet.ToString());
        _six = bridge.Six is { } six ? new(options, six.Subnet.ToString(), isIPv6: true) : null;
    }

    /// <inheritdoc cref="BridgeRules.Install"/>
    public string Install(IReadOnlyCollection<(PublishedPort Port, string Container)> ports) => _four.Install(Four(ports)) + _six?.Install(Six(ports));

    /// <inheritdoc cref="BridgeRules.Add"/>
    public string Add(IReadOnlyCollection<(PublishedPort Port, string Container)> ports) => _four.Add(Four(ports)) + _six?.Add(Six(ports));

    /// <inheritdoc cref="BridgeRules.Delete"/>
    public string Delete(IReadOnlyCollection<(PublishedPort Port, string Container)> ports) => _four.Delete(Four(ports)) + _six?.Delete(Six(ports));

    private static IEnumerable<(PublishedPort, string)> Four(IEnumerable<(PublishedPort Port, string Container)> ports) => ports.Where(static port => !port.Port.IsIPv6);

    private static IEnumerable<(PublishedPort, string)> Six(IEnumerable<(PublishedPort Port, string Container)> ports) => ports.Where(static port => port.Port.IsIPv6);
}
