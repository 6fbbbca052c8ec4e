using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Containers.Records;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Links;

/// <summary>Legacy links (<c>--link</c>): names in /etc/hosts and variables, of containers on the default bridge.</summary>
/// <remarks>Source: moby daemon/links.go, daemon/container_operations_unix.go setupLinkedContainers.</remarks>
internal sealed class ContainerLinks(EngineParts parts)
{
    /// <summary>What a container needs of those that it is linked to.</summary>
    /// <param name="Hosts">As <c>--add-host</c> takes them.</param>
    /// <param name="Environment">Variables.</param>
    internal sealed record Linked(IReadOnlyList<string> Hosts, IReadOnlyList<string> Environment);

    /// <summary>Finds the containers that a creation names. They are kept by id, so that a rename does not matter.</summary>
    /// <exception cref="GantryException">Invalid: not on the default bridge, or there is no such container.</exception>
    public IReadOnlyList<ContainerLink> Resolve(HostConfig host)
    {
        if (host.Links is not { Count: > 0 } links)
            return [];
        if (NetworkModes.Kind(host.NetworkMode) is var kind && kind != NetworkKind.Bridge)
        {
            var type = kind == NetworkKind.Host ? "host type networking" : kind == NetworkKind.None ? "a container without a network" : "container type network";
            throw GantryException.Of(ErrorKind.Invalid, $"conflicting options: {type} can't be used with links. This would result in undefined behavior");
        }
        return [.. links.Select(Resolve)];
    }

    /// <summary>What a start needs; the others must run.</summary>
    /// <exception cref="GantryException">Conflict: one does not run.</exception>
    public Linked Prepare(ContainerRecord record)
    {
        List<string> hosts = [], environment = [];
        foreach (var link in record.Links)
        {
            var child = parts.Containers.Find(link.Child)?.Record;
            var name = $"/{record.Name}/{link.Alias}";
            if (child?.Attachment is not { } attachment || !ContainerStatus.HasProcess(child.Run.Status))
                throw GantryException.Of(ErrorKind.Conflict, $"Cannot link to a non running container: /{child?.Name ?? link.Child.Short} AS {name}");
            var address = attachment.Endpoint.Address;
            hosts.Add($"{(link.Alias == child.Name ? link.Alias : $"{link.Alias} {child.Name}")}:{address}");
            var ports = (child.Config.ExposedPorts?.Keys ?? []).SelectMany(PortSpec.Expand).Select(port => (port.Item1, port.Item2));
            environment.AddRange(LinkEnvironment.Of(link.Alias, name, address, ports, child.Config.Env ?? []));
        }
        return new Linked(hosts, environment);
    }

    /// <summary>Links as inspect shows them: <c>/other:/this/alias</c>.</summary>
    public IReadOnlyList<string>? Show(ContainerRecord record) => record.Links.Count == 0
        ? record.HostConfig.Links
        : [.. record.Links.Select(link => $"/{parts.Containers.Find(link.Child)?.Name ?? link.Child.Short}:/{record.Name}/{link.Alias}")];

    private ContainerLink Resolve(string link)
    {
        var words = link.Split(':');
        if (words.Length > 2 || words.Any(word => word.Length == 0))
            throw GantryException.Of(ErrorKind.Invalid, $"bad format for links: {link}");
        var name = words[0].TrimStart('/');
        try
        {
            return new ContainerLink(parts.Containers.Get(name).Id, words.Length == 2 ? words[1].Split('/')[^1] : name);
        }
        catch (GantryException missing) when (missing.Kind == ErrorKind.NotFound)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"could not get container for {name}: {missing.Message}", cause: missing);
        }
    }
}
