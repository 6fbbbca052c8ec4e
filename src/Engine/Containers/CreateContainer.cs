using System.Net;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Images;
using Gantry.Engine.Links;
using Gantry.Engine.Logs.Drivers;
using Gantry.Engine.Networks;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Network.Ports;

namespace Gantry.Engine.Containers;

/// <summary>Creates a container. Nothing of a failed creation stays.</summary>
internal sealed class CreateContainer(EngineParts parts, ContainerMounts mounts, ContainerLinks links)
{
    /// <summary>Runs the operation; the client's cancellation counts until the commit.</summary>
    public async Task<ContainerCreateResponse> RunAsync(ContainerCreateSpec spec, CancellationToken requested)
    {
        // 1 resolve: the image completes the configuration, which is then checked as a whole
        var asked = string.IsNullOrEmpty(spec.Name) ? null : ContainerNames.Normalize(spec.Name);
        if (string.IsNullOrEmpty(spec.Config.Image))
            throw GantryException.Of(ErrorKind.Invalid, "no command specified: no image is given either; name one, as in busybox:latest");
        var image = await parts.Images.ResolveAsync(spec.Config.Image, requested);
        CheckPlatform(spec, image);

        // 2 validate
        var id = ContainerId.New();
        var config = ConfigMerge.Merge(spec.Config, image.Configuration.Config);
        List<string> warnings = [];
        var kept = UnkeptLimits.Drop(spec.HostConfig ?? new HostConfig(), parts.Facts.Limits, warnings);
        var host = parts.Containers.JoinById(SpecDefaults.Complete(kept, parts.Facts, parts.Options));
        CreateValidator.Check(config, host, parts.Facts);
        // The image's own are there in any network.
        if (NetworkModes.Kind(host.NetworkMode) == NetworkKind.Container && spec.Config.ExposedPorts is { Count: > 0 })
            throw GantryException.Of(ErrorKind.Invalid, "conflicting options: port exposing and the container type network mode"); // Source: moby runconfig/errors.go
        CheckNetwork(host, spec.NetworkingConfig, parts.Bridge.HasIPv6);
        LogDriver.Check(host.LogConfig);
        var linked = links.Resolve(host);
        config = config with { Hostname = HostnameOf(id, config, host) };

        await using var undo = parts.NewUndo();

        // 3 reserve
        var name = asked ?? parts.Containers.ReserveMadeUp(id);
        if (asked is not null)
            parts.Containers.Reserve(asked, id);
        undo.Push("release the name", _ =>
        {
            parts.Containers.Release(name, id);
            return ValueTask.CompletedTask;
        });
        FailPoint.Hit("create.reserve");

        // 4 rootfs
        var snapshot = parts.Snapshots.Prepare(id.ToString(), image.DiffIds, ephemeral: host.AutoRemove == true, sizeBytes: StorageOptions.SizeOf(host));
        undo.Push("remove the snapshot", _ =>
        {
            parts.Snapshots.Remove(id.ToString());
            return ValueTask.CompletedTask;
        });
        FailPoint.Hit("create.rootfs");
        if (WorkingDirectory.Ensure(snapshot, config.WorkingDir))
            snapshot = parts.Snapshots.Find(id.ToString())!;
        Directory.CreateDirectory(parts.Paths.Container(id), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        undo.Push("remove the directory", _ =>
        {
            Directory.Delete(parts.Paths.Container(id), recursive: true);
            return ValueTask.CompletedTask;
        });
        FailPoint.Hit("create.directory");

        // 5 volumes
        var planned = await mounts.PrepareAsync(id, config, host, snapshot, spec.KeepSubmountsWritable, undo, requested);
        FailPoint.Hit("create.volumes");

        // 6 record
        var record = new ContainerRecord
        {
            Id = id,
            Name = name,
            Created = parts.Time.GetUtcNow(),
            ImageId = image.Id,
            Manifest = image.Manifest is { } manifest ? new OCIDescriptor { MediaType = manifest.MediaType, Digest = manifest.Digest.ToString(), Size = manifest.Size } : null,
            Config = config,
            HostConfig = host,
            Endpoints = spec.NetworkingConfig?.EndpointsConfig,
            Mounts = planned,
            Links = linked,
        };
        FailPoint.Hit("create.record");
        requested.ThrowIfCancellationRequested();
        parts.Rows.Insert(record);
        undo.Commit(); // COMMIT
        parts.Containers.Add(new Container(record, parts.Rows) { Fresh = snapshot });
        parts.Publish(record, "create");
        return new ContainerCreateResponse { Id = id.ToString(), Warnings = [.. warnings, .. Warnings(spec, image, host)] };
    }

    /// <summary>An image of another platform than the one asked for is as good as none: the client pulls the right one then.</summary>
    private static void CheckPlatform(ContainerCreateSpec spec, ResolvedImage image)
    {
        if (string.IsNullOrEmpty(spec.Platform))
            return;
        var words = spec.Platform.Split('/');
        var (os, architecture) = words.Length == 1 ? ("linux", words[0]) : (words[0], words[1]);
        architecture = architecture switch { "x86_64" or "x86-64" => "amd64", "aarch64" => "arm64", _ => architecture };
        var (imageOs, imageArchitecture) = (image.Configuration.Os ?? "linux", image.Configuration.Architecture ?? "");
        if (os != imageOs || (architecture != imageArchitecture && architecture != "linux"))
        {
            throw GantryException.Of(
                ErrorKind.NotFound,
                $"image with reference {spec.Config.Image} was found but its platform ({imageOs}/{imageArchitecture}) does not match the specified platform ({spec.Platform})");
        }
    }

    private List<string> Warnings(ContainerCreateSpec spec, ResolvedImage image, HostConfig host)
    {
        List<string> warnings = [.. CreateValidator.Warnings(host)];
        // Source: moby daemon/create.go; also pinned by docker/cli's tests.
        if (string.IsNullOrEmpty(spec.Platform) && image.Configuration.Architecture is { Length: > 0 } architecture && architecture != parts.Facts.Architecture)
        {
            warnings.Add(
                $"The requested image's platform ({image.Configuration.Os ?? "linux"}/{architecture}) does not match the detected host platform (linux/{parts.Facts.Architecture}) and no specific platform was requested");
        }
        return warnings;
    }

    internal static void CheckNetwork(HostConfig host, NetworkingConfig? networking, bool hasIPv6)
    {
        var kind = NetworkModes.Kind(host.NetworkMode) ?? throw NetworkErrors.Unknown(host.NetworkMode!);
        foreach (var (network, settings) in networking?.EndpointsConfig ?? new Dictionary<string, EndpointSettings>())
        {
            if (NetworkModes.Kind(network) is null or NetworkKind.Container)
                throw NetworkErrors.Unknown(network);
            if (settings is null)
                continue;
            // Source: moby daemon/container_operations.go.
            if (!string.IsNullOrEmpty(settings.IPAMConfig?.IPv4Address) || !string.IsNullOrEmpty(settings.IPAMConfig?.IPv6Address))
                throw NetworkErrors.EndpointInvalid(network, "user specified IP address is supported on user defined networks only");
            if (settings.Aliases is { Count: > 0 })
                throw NetworkErrors.EndpointInvalid(network, "network-scoped alias is supported only for containers in user defined networks");
            // Without these it would not be what was asked for.
            if (settings.IPAMConfig?.LinkLocalIPs is { Count: > 0 })
                throw NetworkErrors.EndpointInvalid(network, "link-local addresses are supported on user defined networks only");
            if (settings.Links is { Count: > 0 })
                throw NetworkErrors.EndpointInvalid(network, "links of an endpoint are supported on user defined networks only: use --link");
            if (settings.DriverOpts is { Count: > 0 })
                throw NetworkErrors.EndpointInvalid(network, $"unknown driver option {settings.DriverOpts.Keys.First()}: sysctls are set by --sysctl");
        }
        if (kind != NetworkKind.Bridge)
            return;
        foreach (var request in PortRequest.FromBindings(host.PortBindings)) // throws what is wrong with a port
            request.Check(hasIPv6);
    }

    private string HostnameOf(ContainerId id, ContainerConfig config, HostConfig host)
    {
        if (NetworkModes.Donor(host.NetworkMode) is { } donor && parts.Containers.Find(donor) is { } found)
            return found.Record.Config.Hostname ?? "";
        if (!string.IsNullOrEmpty(config.Hostname))
            return config.Hostname;
        return NetworkModes.Kind(host.NetworkMode) == NetworkKind.Host || host.UTSMode == "host" ? Dns.GetHostName() : id.Short;
    }
}
