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
            throw Conflicting(type);
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
            hosts.Add($"{HostNames(link, child)}:{address}");
            var ports = (child.Config.ExposedPorts?.Keys ?? []).SelectMany(PortSpec.Expand).Select(port => (port.Item1, port.Item2));
            environment.AddRange(LinkEnvironment.Of(link.Alias, name, address, ports, child.Config.Env ?? []));
        }
        return new Linked(hosts, environment);
    }

    /// <summary>Links as inspect shows them: <c>/other:/this/alias</c>. Null when there are none, also when those of the creation were taken away.</summary>
    public IReadOnlyList<string>? Show(ContainerRecord record) => record.Links.Count == 0
        ? null
        : [.. record.Links.Select(link => $"/{parts.Containers.Find(link.Child)?.Name ?? link.Child.Short}:/{record.Name}/{link.Alias}")];

    /// <summary>The names that containers have as others' links, by container: <c>/web/db</c>.</summary>
    public ILookup<ContainerId, string> Names() =>
        parts.Containers.All.SelectMany(static parent => parent.Record.Links.Select(link => (link.Child, Name: $"/{parent.Name}/{link.Alias}"))).ToLookup(static link => link.Child, static link => link.Name);

    /// <summary>Takes a link away; the containers stay. What the one knows of the other's name is gone from its /etc/hosts.</summary>
    /// <param name="name"><c>web/db</c>.</param>
    /// <exception cref="GantryException">NotFound: nothing has that name. Internal, as with dockerd: a container's own name.</exception>
    /// <remarks>Source: moby daemon/delete.go rmLink.</remarks>
    public void Remove(string name)
    {
        var child = parts.Containers.Get(name).Record;
        if (parts.Containers.FindLink(name) is not var (parent, link))
            throw GantryException.Of(ErrorKind.Internal, "Conflict, cannot remove the default link name of the container");
        parent.Update(record => record with { Links = [.. record.Links.Where(other => other != link)] });
        EditHosts(parent.Record, HostNames(link, child), null);
    }

    /// <summary>Tells the running containers that are linked to one its address: it has been started again.</summary>
    public void Announce(ContainerRecord child, string? address)
    {
        foreach (var parent in parts.Containers.All.Select(static container => container.Record))
        {
            if (parent.Links.FirstOrDefault(link => link.Child == child.Id) is { } link && ContainerStatus.HasProcess(parent.Run.Status))
                EditHosts(parent, HostNames(link, child), address);
        }
    }

    // As the link calls it, as it calls itself, and by its name.
    private static string HostNames(ContainerLink link, ContainerRecord child) =>
        $"{link.Alias} {child.Config.Hostname ?? child.Id.Short}{(link.Alias == child.Name ? "" : $" {child.Name}")}";

    // In place: the file is mounted into the container.
    private void EditHosts(ContainerRecord record, string names, string? address)
    {
        var path = parts.Paths.Hosts(record.Id);
        if (!File.Exists(path))
            return;
        var lines = File.ReadAllLines(path).ToList();
        var at = lines.FindIndex(line => line.EndsWith("\t" + names, StringComparison.Ordinal));
        if (at < 0)
            return;
        if (address is null)
            lines.RemoveAt(at);
        else
            lines[at] = $"{address}\t{names}";
        File.WriteAllLines(path, lines);
    }

    private static GantryException Conflicting(string type) =>
        GantryException.Of(ErrorKind.Invalid, $"conflicting options: {type} can't be used with links. This would result in undefined behavior");

    // Source: moby daemon/daemon_unix.go registerLinks: a container that shares another's network stands for that one.
    private ContainerLink Resolve(string link)
    {
        var words = link.Split(':');
        if (words.Length > 2 || words.Any(word => word.Length == 0))
            throw GantryException.Of(ErrorKind.Invalid, $"bad format for links: {link}");
        var name = words[0].TrimStart('/');
        try
        {
            var child = parts.Containers.NetworkOwner(parts.Containers.Get(name));
            if (NetworkModes.Kind(child.Record.HostConfig.NetworkMode) == NetworkKind.Host)
                throw Conflicting("host type networking");
            return new ContainerLink(child.Id, words.Length == 2 ? words[1].Split('/')[^1] : name);
        }
        catch (GantryException missing) when (missing.Kind == ErrorKind.NotFound)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"could not get container for {name}: {missing.Message}", cause: missing);
        }
    }
}
