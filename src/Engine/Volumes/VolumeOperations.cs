using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Volumes;

/// <summary>Everything a client can do with volumes.</summary>
public sealed class VolumeOperations
{
    private readonly EngineParts _parts;
    private readonly ContainerMounts _mounts;

    internal VolumeOperations(EngineParts parts, ContainerMounts mounts)
    {
        _parts = parts;
        _mounts = mounts;
    }

    /// <summary>The volumes that the filters (name, label, driver, dangling) ask for, by name.</summary>
    public Task<VolumeListResponse> ListAsync(Filters filters, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        filters.Validate("dangling", "driver", "label", "name");
        var dangling = filters.Boolean("dangling");
        var volumes = _parts.Volumes.List()
            .Where(volume => filters.Any("name", value => volume.Name.Contains(value, StringComparison.Ordinal))
                && filters.Exact("driver", "local")
                && filters.All("label", value => Filters.LabelMatches(volume.Labels, value))
                && (dangling is null || dangling == (_mounts.UsersOf(volume.Name).Count == 0)))
            .OrderBy(volume => volume.Name, StringComparer.Ordinal)
            .Select(volume => volume.ToResource());
        return Task.FromResult(new VolumeListResponse { Volumes = [.. volumes] });
    }

    /// <summary>Makes a volume; one that exists is returned as it is.</summary>
    public Task<VolumeResource> CreateAsync(VolumeCreateRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Source: moby daemon/volume/service; the sentence for a driver that is not there.
        if (request.Driver is { Length: > 0 } driver && driver != "local")
            throw GantryException.During($"create {request.Name}", VolumeErrors.NoDriver(driver));
        if (request.Name is { Length: > 0 } name && VolumeNames.Problem(name) is { } problem)
            throw GantryException.Of(ErrorKind.Invalid, $"create {name}: {problem}");
        var volume = _parts.Volumes.Ensure(string.IsNullOrEmpty(request.Name) ? null : request.Name, request.Labels, request.DriverOpts, _parts.Facts.Remap, out var created);
        if (created)
            _mounts.PublishVolume("create", volume.Name);
        return Task.FromResult(volume.ToResource());
    }

    public Task<VolumeResource> InspectAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult((_parts.Volumes.Find(name) ?? throw VolumeErrors.NotFound(name)).ToResource());
    }

    /// <param name="force">Succeed when there is none.</param>
    public Task RemoveAsync(string name, bool force, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_parts.Volumes.Find(name) is null)
            return force ? Task.CompletedTask : throw VolumeErrors.NotFound(name);
        var users = _mounts.UsersOf(name);
        if (users.Count > 0)
            throw VolumeErrors.InUse(name, users);
        if (_parts.Volumes.Remove(name))
            _mounts.PublishVolume("destroy", name);
        return Task.CompletedTask;
    }
}
