using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Networks;

/// <summary>The predefined networks: bridge, host, none.</summary>
public sealed class NetworkOperations
{
    private readonly EngineParts _parts;
    private readonly DateTimeOffset _created;

    internal NetworkOperations(EngineParts parts)
    {
        _parts = parts;
        _created = parts.Time.GetUtcNow();
    }

    /// <summary>What <c>host-gateway</c> stands for in extra hosts.</summary>
    public string HostGateway => _parts.Options.HostGateway ?? _parts.Bridge.Gateway.ToString();

    /// <summary>The networks that the filters (dangling, driver, id, label, name, scope, type) ask for.</summary>
    public Task<IReadOnlyList<NetworkResource>> ListAsync(Filters filters, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        filters.Validate("dangling", "driver", "id", "label", "name", "scope", "type");
        var dangling = filters.Boolean("dangling");
        IReadOnlyList<NetworkResource> networks =
        [
            .. All().Where(network => filters.Any("name", value => network.Name!.Contains(value, StringComparison.Ordinal))
                && filters.Any("id", value => network.Id!.StartsWith(value, StringComparison.Ordinal))
                && filters.Exact("driver", network.Driver!)
                && filters.Exact("scope", "local")
                && filters.Exact("type", "builtin")
                && filters.All("label", _ => false)
                && dangling is null or false),
        ];
        return Task.FromResult(networks);
    }

    /// <summary>One network with the running containers on it.</summary>
    /// <param name="network">Name, id or unique prefix of an id.</param>
    public Task<NetworkInspect> InspectAsync(string network, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var all = All();
        var found = all.FirstOrDefault(n => n.Id == network) ?? all.FirstOrDefault(n => n.Name == network);
        if (found is null && network.Length > 0)
        {
            var matching = all.Where(n => n.Id!.StartsWith(network, StringComparison.Ordinal)).ToList();
            // Source: moby daemon/server/router/network/network_routes.go.
            found = matching.Count > 1
                ? throw GantryException.Of(ErrorKind.Invalid, $"network {network} is ambiguous ({matching.Count} matches found based on ID prefix)")
                : matching.FirstOrDefault();
        }
        if (found is null)
            throw NetworkErrors.NotFound(network);
        return Task.FromResult(new NetworkInspect
        {
            Name = found.Name,
            Id = found.Id,
            Created = found.Created,
            Scope = found.Scope,
            Driver = found.Driver,
            EnableIPv4 = found.EnableIPv4,
            EnableIPv6 = found.EnableIPv6,
            IPAM = found.IPAM,
            Internal = found.Internal,
            Attachable = found.Attachable,
            Ingress = found.Ingress,
            ConfigOnly = found.ConfigOnly,
            Options = found.Options,
            Labels = found.Labels,
            Containers = On(found.Name!),
        });
    }

    private List<NetworkResource> All() =>
    [
        Describe("bridge", _parts.BridgeId, "bridge") with
        {
            EnableIPv6 = _parts.Bridge.HasIPv6,
            IPAM = new IPAM
            {
                Driver = "default",
                Config =
                [
                    new IPAMConfig { Subnet = _parts.Bridge.Subnet, Gateway = _parts.Bridge.Gateway.ToString() },
                    .. _parts.Bridge.Subnet6 is { } six ? [new IPAMConfig { Subnet = six, Gateway = _parts.Bridge.Gateway6!.ToString() }] : Array.Empty<IPAMConfig>(),
                ],
            },
            Options = new Dictionary<string, string>
            {
                ["com.docker.network.bridge.default_bridge"] = "true",
                ["com.docker.network.bridge.enable_icc"] = "true",
                ["com.docker.network.bridge.enable_ip_masquerade"] = "true",
                ["com.docker.network.bridge.host_binding_ipv4"] = _parts.Options.DefaultHostAddress,
                ["com.docker.network.bridge.name"] = _parts.Bridge.Options.BridgeName,
                ["com.docker.network.driver.mtu"] = ContainerEvents.Number(_parts.Bridge.Options.Mtu),
            },
        },
        Describe("host", _parts.HostNetworkId, "host"),
        Describe("none", _parts.NoneNetworkId, "null"),
    ];

    private NetworkResource Describe(string name, string id, string driver) => new()
    {
        Name = name,
        Id = id,
        Created = GoTime.Format(_created),
        Scope = "local",
        Driver = driver,
        EnableIPv4 = true,
        EnableIPv6 = false,
        IPAM = new IPAM { Driver = "default" }, // without Config, as with moby: it has no addresses to give
        Internal = false,
        Attachable = false,
        Ingress = false,
        ConfigOnly = false,
        Options = new Dictionary<string, string>(),
        Labels = new Dictionary<string, string>(),
    };

    private Dictionary<string, EndpointResource> On(string network) => _parts.Containers.All
        .Select(container => container.Record)
        .Where(record => ContainerStatus.HasProcess(record.Run.Status) && ContainerEvents.NetworkOf(_parts, record).Name == network)
        .ToDictionary(record => record.Id.ToString(), record => new EndpointResource
        {
            Name = record.Name,
            EndpointID = record.Attachment?.Endpoint.EndpointId ?? "",
            MacAddress = record.Attachment?.Endpoint.MacAddress ?? "",
            IPv4Address = record.Attachment is { } attachment ? $"{attachment.Endpoint.Address}/{ContainerEvents.Number(attachment.Endpoint.PrefixLength)}" : "",
            IPv6Address = record.Attachment is { Endpoint.Address6: { } six } attached ? $"{six}/{ContainerEvents.Number(attached.Endpoint.PrefixLength6)}" : "",
        });
}
