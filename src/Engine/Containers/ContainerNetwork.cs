using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Networks;
using Gantry.Engine.Operations;
using Gantry.Engine.Remap;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Network.Bridge;
using Gantry.Network.Namespaces;
using Gantry.Network.Ports;

namespace Gantry.Engine.Containers;

/// <summary>Connects containers that start, and disconnects those that have ended.</summary>
internal sealed class ContainerNetwork(EngineParts parts)
{
    /// <summary>Gives a container its network namespace.</summary>
    public Task<NetworkAttachment> AttachAsync(Container container, UndoStack undo, CancellationToken cancellationToken)
    {
        var record = container.Record;
        var settings = record.Endpoints?.GetValueOrDefault("bridge") ?? record.Endpoints?.GetValueOrDefault("default");
        return AttachAsync(record.Id, record.HostConfig, string.IsNullOrEmpty(settings?.MacAddress) ? null : settings.MacAddress, undo, cancellationToken);
    }

    /// <summary>Gives what is about to be launched its network namespace: a container, or a step of a build.</summary>
    /// <param name="host">Its <see cref="HostConfig.NetworkMode"/>, and whether it has a user namespace.</param>
    /// <param name="macAddress">Null: one is made of the address.</param>
    public async Task<NetworkAttachment> AttachAsync(ContainerId id, HostConfig host, string? macAddress, UndoStack undo, CancellationToken cancellationToken)
    {
        var kind = NetworkModes.Kind(host.NetworkMode) ?? throw NetworkErrors.NotFound(host.NetworkMode!);
        var later = RemapRules.Of(host, parts.Facts) is not null;
        switch (kind)
        {
            case NetworkKind.None when later:
            case NetworkKind.Host:
                return new NetworkAttachment { Kind = kind };
            case NetworkKind.Container:
                return Join(id, NetworkModes.Donor(host.NetworkMode)!);
            case NetworkKind.None:
                var loopback = await parts.Bridge.TakeLoopbackNamespaceAsync(cancellationToken);
                undo.Push("close the namespace", _ =>
                {
                    loopback.Dispose();
                    return ValueTask.CompletedTask;
                });
                return new NetworkAttachment { Kind = kind, HeldNamespace = loopback, NamespacePath = NetworkNamespaces.PathOf(loopback) };
            default:
                var endpoint = await parts.Bridge.AttachAsync(new EndpointSpec { ContainerId = id.ToString(), MacAddress = macAddress, Later = later }, cancellationToken);
                undo.Push("disconnect from the bridge", async _ =>
                {
                    await parts.Bridge.DetachAsync(endpoint);
                    endpoint.Dispose();
                });
                return later
                    ? new NetworkAttachment { Kind = kind, Endpoint = endpoint, Later = true }
                    : new NetworkAttachment { Kind = kind, Endpoint = endpoint, HeldNamespace = endpoint.NetnsFd, NamespacePath = endpoint.NetnsPath };
        }
    }

    /// <summary>Connects a container whose network namespace came with it; does nothing for the others.</summary>
    /// <param name="pid">Its first process, which waits to be started.</param>
    public async Task ConnectAsync(HostConfig host, NetworkAttachment attached, int pid, CancellationToken cancellationToken)
    {
        if (attached is not { Later: true, Endpoint: { } endpoint })
            return;
        var sysctls = (host.Sysctls ?? new Dictionary<string, string>())
            .Where(static setting => RemapRules.IsOfInterface(setting.Key))
            .ToDictionary(static setting => setting.Key.Replace('.', '/'), static setting => setting.Value, StringComparer.Ordinal);
        await parts.Bridge.ConnectAsync(endpoint, pid, sysctls, cancellationToken);
    }

    /// <summary>Makes the ports reachable at the host; null when there are none to publish.</summary>
    public async Task<PublishedPorts?> PublishAsync(ContainerRecord record, NetworkAttachment attached, UndoStack undo, CancellationToken cancellationToken)
    {
        if (attached.Endpoint is not { } endpoint)
            return null;
        List<PortRequest> requests = [.. PortRequest.FromBindings(record.HostConfig.PortBindings)];
        if (record.HostConfig.PublishAllPorts == true)
        {
            var bound = requests.Select(r => (r.ContainerPort, r.Protocol)).ToHashSet();
            requests.AddRange((record.Config.ExposedPorts ?? new Dictionary<string, EmptyObject>()).Keys
                .SelectMany(PortSpec.Expand)
                .Where(port => !bound.Contains(port))
                .Select(port => PortRequest.From($"{port.ContainerPort}/{port.Protocol}", null)));
        }
        if (requests.Count == 0)
            return null;
        var ports = await parts.Bridge.PublishAsync(endpoint, requests, cancellationToken);
        undo.Push("withdraw the ports", async _ => await parts.Bridge.WithdrawAsync(endpoint, ports));
        return ports;
    }

    /// <summary>Takes the ports back: nobody may find them taken once the end of the container is known.</summary>
    public async Task WithdrawAsync(Container container)
    {
        if (container is not { Endpoint: { } endpoint, Ports: { } ports })
            return;
        container.Ports = null;
        await parts.Bridge.WithdrawAsync(endpoint, ports);
        ports.Dispose();
    }

    /// <summary>Disconnects a container that has ended.</summary>
    public async Task DetachAsync(Container container)
    {
        await WithdrawAsync(container);
        if (container.Endpoint is not { } endpoint)
            return;
        container.Endpoint = null;
        await parts.Bridge.DetachAsync(endpoint);
        endpoint.Dispose();
    }

    private NetworkAttachment Join(ContainerId id, string donorId)
    {
        var donor = parts.Containers.Get(donorId);
        if (donor.Id == id)
            throw GantryException.Of(ErrorKind.Invalid, "cannot join own network namespace"); // Source: moby daemon/container_operations.go
        if (!ContainerStatus.HasProcess(donor.Run.Status))
            throw GantryException.Of(ErrorKind.Conflict, $"cannot join network namespace of a non running container: {donor.Id}"); // Source: moby daemon/container_operations.go
        return new NetworkAttachment { Kind = NetworkKind.Container, Donor = donor, NamespacePath = NetworkNamespaces.PathOfProcess(donor.Run.Pid) };
    }
}
