using Gantry.Engine.Planning;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Oci;

namespace Gantry.Engine.Devices;

/// <summary>Puts CDI devices into a container's configuration. Looks at the host's device nodes.</summary>
/// <remarks>Source: tags.cncf.io/container-device-interface, container-edits.go.</remarks>
internal static class CdiInjection
{
    /// <summary>What NVIDIA's tools call their devices.</summary>
    public const string Gpus = "nvidia.com/gpu";

    /// <summary>The CDI devices that a creation asks for: by name, or GPUs by number.</summary>
    public static IReadOnlyList<string> NamesOf(HostConfig host)
    {
        List<string> names = [];
        foreach (var request in host.DeviceRequests ?? [])
        {
            if (request.Driver == "cdi")
                names.AddRange(request.DeviceIDs ?? []);
            else if (IsGpus(request))
                names.AddRange(GpusOf(request));
        }
        return names;
    }

    /// <summary>Whether a request is one that CDI can answer.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="hasGpus">Whether GPUs are specified.</param>
    public static bool CanAnswer(DeviceRequest request, bool hasGpus) => request.Driver == "cdi" ? (request.DeviceIDs ?? []).All(CdiSpecs.IsName) : hasGpus && IsGpus(request);

    /// <summary>The configuration with the devices.</summary>
    /// <exception cref="GantryException">Invalid: a node that is not there.</exception>
    public static RuntimeConfig Apply(RuntimeConfig config, IReadOnlyList<CdiEdits> edits)
    {
        if (edits.Count == 0)
            return config;
        var environment = config.Process!.Env.ToList();
        List<LinuxDevice> devices = [.. config.Linux?.Devices ?? []];
        List<LinuxDeviceRule> rules = [.. config.Linux?.Resources?.Devices ?? []];
        List<RuntimeMount> mounts = [.. config.Mounts];
        List<uint> gids = [.. config.Process.User.AdditionalGids ?? []];
        var hooks = config.Hooks ?? new RuntimeHooks();
        foreach (var edit in edits)
        {
            ContainerEnvironment.Merge(environment, edit.Environment);
            foreach (var node in edit.Nodes)
            {
                var device = Complete(node);
                devices.RemoveAll(known => known.Path == device.Path);
                devices.Add(device);
                rules.Add(new LinuxDeviceRule { Allow = true, Type = device.Type, Major = device.Major, Minor = device.Minor, Access = node.Access });
            }
            mounts.RemoveAll(known => edit.Mounts.Any(mount => mount.Destination == known.Destination));
            mounts.AddRange(edit.Mounts);
            foreach (var (kind, hook) in edit.Hooks)
                hooks = Add(hooks, kind, hook);
            gids.AddRange(edit.AdditionalGids.Where(gid => gid != 0 && !gids.Contains(gid)));
        }
        return config with
        {
            Process = config.Process with { Env = environment, User = config.Process.User with { AdditionalGids = gids } },
            Mounts = mounts,
            Hooks = hooks,
            Linux = config.Linux! with { Devices = devices, Resources = (config.Linux.Resources ?? new LinuxResources()) with { Devices = rules } },
        };
    }

    private static LinuxDevice Complete(CdiNode node)
    {
        if (node.Device.Type.Length > 0 && (node.Device.Major != 0 || node.Device.Type == "p"))
            return node.Device;
        var found = HostDevices.Find(new HostConfig { Devices = [new DeviceMapping { PathOnHost = node.HostPath, PathInContainer = node.Device.Path }] }).Devices[0];
        return found with { FileMode = node.Device.FileMode ?? found.FileMode, Uid = node.Device.Uid ?? found.Uid, Gid = node.Device.Gid ?? found.Gid };
    }

    private static RuntimeHooks Add(RuntimeHooks hooks, string kind, RuntimeHook hook) => kind switch
    {
        "prestart" => hooks with { Prestart = [.. hooks.Prestart ?? [], hook] },
        "createRuntime" => hooks with { CreateRuntime = [.. hooks.CreateRuntime ?? [], hook] },
        "createContainer" => hooks with { CreateContainer = [.. hooks.CreateContainer ?? [], hook] },
        "startContainer" => hooks with { StartContainer = [.. hooks.StartContainer ?? [], hook] },
        "poststart" => hooks with { Poststart = [.. hooks.Poststart ?? [], hook] },
        "poststop" => hooks with { Poststop = [.. hooks.Poststop ?? [], hook] },
        _ => throw GantryException.Of(ErrorKind.Invalid, $"CDI device injection failed: there are no hooks of kind \"{kind}\""),
    };

    private static bool IsGpus(DeviceRequest request) =>
        request.Driver is null or "" or "nvidia" && (request.Capabilities ?? []).Any(group => group.Contains("gpu"));

    private static IEnumerable<string> GpusOf(DeviceRequest request)
    {
        if (request.DeviceIDs is { Count: > 0 } ids)
            return ids.Select(id => CdiSpecs.IsName(id) ? id : $"{Gpus}={id}");
        return request.Count is null or < 0 ? [$"{Gpus}=all"] : Enumerable.Range(0, (int)request.Count).Select(index => $"{Gpus}={index}");
    }
}
