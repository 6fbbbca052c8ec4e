using System.Collections.Concurrent;
using Gantry.Engine.Images;
using Gantry.Engine.Links;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Containers;

/// <summary>The containers by id and by name. Names are reserved before a container exists.</summary>
internal sealed class ContainerTable : IImageUse
{
    private readonly ConcurrentDictionary<ContainerId, Container> _containers = new();
    private readonly Dictionary<string, ContainerId> _names = new(StringComparer.Ordinal);
    private readonly Lock _naming = new();

    /// <summary>All of them, in no order.</summary>
    public ICollection<Container> All => _containers.Values;

    /// <summary>Takes a name.</summary>
    /// <exception cref="GantryException">Conflict: another container has it.</exception>
    public void Reserve(string name, ContainerId id)
    {
        lock (_naming)
        {
            if (!_names.TryAdd(name, id))
                throw ContainerErrors.NameTaken(name, _names[name]);
        }
    }

    /// <summary>Takes a made-up name.</summary>
    public string ReserveMadeUp(ContainerId id)
    {
        lock (_naming)
        {
            for (var attempt = 0; ; attempt++)
            {
                var name = ContainerNames.MakeUp(attempt, Random.Shared);
                if (_names.TryAdd(name, id))
                    return name;
            }
        }
    }

    /// <summary>Gives a name back.</summary>
    public void Release(string name, ContainerId id)
    {
        lock (_naming)
        {
            if (_names.TryGetValue(name, out var holder) && holder == id)
                _names.Remove(name);
        }
    }

    /// <summary>Adds a container whose name is reserved.</summary>
    public void Add(Container container) => _containers[container.Id] = container;

    /// <summary>Takes a container out, and frees its name.</summary>
    public void Remove(Container container)
    {
        _containers.TryRemove(container.Id, out _);
        Release(container.Name, container.Id);
    }

    /// <summary>The container of an id; null when there is none.</summary>
    public Container? Find(ContainerId id) => _containers.GetValueOrDefault(id);

    /// <summary>The container that an id, a name, a link's name (<c>web/db</c>) or a unique beginning of an id stands for; null when there is none.</summary>
    /// <exception cref="GantryException">Invalid: several ids begin so.</exception>
    /// <remarks>Source: moby daemon/container.go GetContainer: in this order.</remarks>
    public Container? Find(string text)
    {
        if (ContainerId.TryParse(text, out var exact) && _containers.TryGetValue(exact, out var byId))
            return byId;
        var name = text.StartsWith('/') ? text[1..] : text;
        lock (_naming)
        {
            if (_names.TryGetValue(name, out var named) && _containers.TryGetValue(named, out var byName))
                return byName;
        }
        if (name.Contains('/', StringComparison.Ordinal))
            return FindLink(name) is var (_, link) ? Find(link.Child) : null;
        if (text.Length == 0 || text.AsSpan().ContainsAnyExcept("0123456789abcdef"))
            return null;
        Container? found = null;
        foreach (var (id, container) in _containers)
        {
            if (!id.ToString().StartsWith(text, StringComparison.Ordinal))
                continue;
            if (found is not null)
                throw ContainerErrors.Ambiguous(text);
            found = container;
        }
        return found;
    }

    /// <summary>The container that has a link of this name, and the link; null when there is none.</summary>
    /// <param name="name"><c>web/db</c>: what the container <c>web</c> calls <c>db</c>.</param>
    public (Container Parent, ContainerLink Link)? FindLink(string name)
    {
        if (name.TrimStart('/').Split('/', 2) is not [var own, var alias])
            return null;
        Container? parent;
        lock (_naming)
            parent = _names.TryGetValue(own, out var id) ? Find(id) : null;
        return parent?.Record.Links.FirstOrDefault(link => link.Alias == alias) is { } found ? (parent, found) : null;
    }

    /// <summary>As <see cref="Find(string)"/>, but there must be one.</summary>
    /// <exception cref="GantryException">NotFound: <c>No such container: x</c>. Invalid: ambiguous.</exception>
    public Container Get(string text) => Find(text) ?? throw ContainerErrors.NotFound(text);

    /// <summary>Modes that name another container keep its id, so that a rename does not matter. A network's that is not there yet is looked for again at the start.</summary>
    /// <exception cref="GantryException">Invalid: whose processes or IPC objects are to be shared is not there.</exception>
    /// <remarks>Source: moby daemon/daemon_unix.go adaptSharedNamespaceContainer, daemon/create.go generateSecurityOpt.</remarks>
    public HostConfig JoinById(HostConfig host) => host with { NetworkMode = ById(host.NetworkMode), IpcMode = Known(host.IpcMode), PidMode = Known(host.PidMode) };

    /// <summary>The container whose network one is in: itself, or at the end of all <c>--network container:…</c>.</summary>
    /// <exception cref="GantryException">NotFound: one of them is gone.</exception>
    public Container NetworkOwner(Container container)
    {
        // Two that have never run can name each other.
        HashSet<ContainerId> seen = [];
        while (seen.Add(container.Id) && NetworkModes.Donor(container.Record.HostConfig.NetworkMode) is { } donor)
            container = Get(donor);
        return container;
    }

    private string? ById(string? mode) => NetworkModes.Donor(mode) is { } donor && Find(donor) is { } found ? NetworkModes.Join(found.Id) : mode;

    private string? Known(string? mode) => NetworkModes.Donor(mode) is { } donor ? NetworkModes.Join(Donor(donor).Id) : mode;

    /// <summary>A container that lends something to one that is to be created.</summary>
    /// <exception cref="GantryException">Invalid: there is none. Not NotFound: clients take a 404 for a missing image, pull it, and try again.</exception>
    public Container Donor(string text) => Find(text) ?? throw GantryException.Of(ErrorKind.Invalid, ContainerErrors.NotFound(text).Message);

    /// <inheritdoc/>
    public IReadOnlyList<ImageUser> UsersOf(Digest imageId) =>
    [
        .. from container in _containers.Values
           where container.Record.ImageId == imageId || container.Record.Mounts.Any(m => m.ImageId == imageId)
           select new ImageUser(container.Id, ContainerStatus.IsUp(container.Run.Status), container.Record.ImageName),
    ];
}
