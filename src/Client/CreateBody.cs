using System.Buffers;
using System.Text.Json;
using Gantry.Model.Api;

namespace Gantry.Client;

/// <summary>
/// Writes the body of <c>POST /containers/create</c> as Docker's own client writes it, field by field, so that any engine
/// that understands that one understands this; by hand, because it is on the way of every <c>run</c>.
/// </summary>
/// <remarks>Source: bodies sent by docker 28.2.2; which fields are left out when empty follows the omitempty of moby api/types/container.</remarks>
internal static class CreateBody
{
    public static byte[] Write(ContainerConfig config, HostConfig host, NetworkingConfig networking)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteConfig(json, config);
            json.WriteStartObject("HostConfig");
            WriteHost(json, host);
            WriteResources(json, host);
            WriteStringsAlways(json, "MaskedPaths", host.MaskedPaths);
            WriteStringsAlways(json, "ReadonlyPaths", host.ReadonlyPaths);
            json.WriteEndObject();
            WriteNetworking(json, networking);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes an array of strings; null when there is none.</summary>
    internal static void WriteStrings(Utf8JsonWriter json, string name, IReadOnlyList<string>? values) => WriteStringsAlways(json, name, values);

    private static void WriteConfig(Utf8JsonWriter json, ContainerConfig config)
    {
        json.WriteString("Hostname", config.Hostname ?? "");
        json.WriteString("Domainname", config.Domainname ?? "");
        json.WriteString("User", config.User ?? "");
        json.WriteBoolean("AttachStdin", config.AttachStdin ?? false);
        json.WriteBoolean("AttachStdout", config.AttachStdout ?? false);
        json.WriteBoolean("AttachStderr", config.AttachStderr ?? false);
        if (config.ExposedPorts is { Count: > 0 } ports)
            WriteSet(json, "ExposedPorts", ports);
        json.WriteBoolean("Tty", config.Tty ?? false);
        json.WriteBoolean("OpenStdin", config.OpenStdin ?? false);
        json.WriteBoolean("StdinOnce", config.StdinOnce ?? false);
        WriteStringsAlways(json, "Env", config.Env);
        WriteStringsAlways(json, "Cmd", config.Cmd);
        if (config.Healthcheck is { } health)
            WriteHealth(json, health);
        json.WriteString("Image", config.Image ?? "");
        WriteSet(json, "Volumes", config.Volumes);
        json.WriteString("WorkingDir", config.WorkingDir ?? "");
        WriteStringsAlways(json, "Entrypoint", config.Entrypoint);
        WriteStringsAlways(json, "OnBuild", config.OnBuild);
        WriteMapAlways(json, "Labels", config.Labels);
        if (config.StopSignal is { Length: > 0 } signal)
            json.WriteString("StopSignal", signal);
        if (config.StopTimeout is { } timeout)
            json.WriteNumber("StopTimeout", timeout);
    }

    private static void WriteHealth(Utf8JsonWriter json, HealthConfig health)
    {
        json.WriteStartObject("Healthcheck");
        if (health.Test is { Count: > 0 })
            WriteStringsAlways(json, "Test", health.Test);
        WriteUnlessZero(json, "Interval", health.Interval);
        WriteUnlessZero(json, "Timeout", health.Timeout);
        WriteUnlessZero(json, "StartPeriod", health.StartPeriod);
        WriteUnlessZero(json, "StartInterval", health.StartInterval);
        WriteUnlessZero(json, "Retries", health.Retries);
        json.WriteEndObject();
    }

    private static void WriteHost(Utf8JsonWriter json, HostConfig host)
    {
        WriteStringsAlways(json, "Binds", host.Binds);
        json.WriteString("ContainerIDFile", host.ContainerIDFile ?? "");
        json.WriteStartObject("LogConfig");
        json.WriteString("Type", host.LogConfig?.Type ?? "");
        WriteMapAlways(json, "Config", host.LogConfig?.Config ?? new Dictionary<string, string>());
        json.WriteEndObject();
        json.WriteString("NetworkMode", host.NetworkMode ?? "");
        WritePortBindings(json, host.PortBindings);
        json.WriteStartObject("RestartPolicy");
        json.WriteString("Name", host.RestartPolicy?.Name ?? "");
        json.WriteNumber("MaximumRetryCount", host.RestartPolicy?.MaximumRetryCount ?? 0);
        json.WriteEndObject();
        json.WriteBoolean("AutoRemove", host.AutoRemove ?? false);
        json.WriteString("VolumeDriver", host.VolumeDriver ?? "");
        WriteStringsAlways(json, "VolumesFrom", host.VolumesFrom);
        json.WriteStartArray("ConsoleSize");
        foreach (var extent in host.ConsoleSize ?? [0, 0])
            json.WriteNumberValue(extent);
        json.WriteEndArray();
        WriteMapUnlessEmpty(json, "Annotations", host.Annotations);
        WriteStringsAlways(json, "CapAdd", host.CapAdd);
        WriteStringsAlways(json, "CapDrop", host.CapDrop);
        json.WriteString("CgroupnsMode", host.CgroupnsMode ?? "");
        WriteStringsAlways(json, "Dns", host.Dns);
        WriteStringsAlways(json, "DnsOptions", host.DnsOptions);
        WriteStringsAlways(json, "DnsSearch", host.DnsSearch);
        WriteStringsAlways(json, "ExtraHosts", host.ExtraHosts);
        WriteStringsAlways(json, "GroupAdd", host.GroupAdd);
        json.WriteString("IpcMode", host.IpcMode ?? "");
        json.WriteString("Cgroup", host.Cgroup ?? "");
        WriteStringsAlways(json, "Links", host.Links);
        json.WriteNumber("OomScoreAdj", host.OomScoreAdj ?? 0);
        json.WriteString("PidMode", host.PidMode ?? "");
        json.WriteBoolean("Privileged", host.Privileged ?? false);
        json.WriteBoolean("PublishAllPorts", host.PublishAllPorts ?? false);
        json.WriteBoolean("ReadonlyRootfs", host.ReadonlyRootfs ?? false);
        WriteStringsAlways(json, "SecurityOpt", host.SecurityOpt);
        WriteMapUnlessEmpty(json, "StorageOpt", host.StorageOpt);
        WriteMapUnlessEmpty(json, "Tmpfs", host.Tmpfs);
        json.WriteString("UTSMode", host.UTSMode ?? "");
        json.WriteString("UsernsMode", host.UsernsMode ?? "");
        json.WriteNumber("ShmSize", host.ShmSize ?? 0);
        WriteMapUnlessEmpty(json, "Sysctls", host.Sysctls);
        if (host.Runtime is { Length: > 0 } runtime)
            json.WriteString("Runtime", runtime);
        json.WriteString("Isolation", host.Isolation ?? "");
        if (host.Mounts is { Count: > 0 } mounts)
            MountJson.Write(json, mounts);
        if (host.Init is { } init)
            json.WriteBoolean("Init", init);
    }

    private static void WriteResources(Utf8JsonWriter json, HostConfig host)
    {
        json.WriteNumber("CpuShares", host.CpuShares ?? 0);
        json.WriteNumber("Memory", host.Memory ?? 0);
        json.WriteNumber("NanoCpus", host.NanoCpus ?? 0);
        json.WriteString("CgroupParent", host.CgroupParent ?? "");
        json.WriteNumber("BlkioWeight", host.BlkioWeight ?? 0);
        json.WriteStartArray("BlkioWeightDevice");
        foreach (var device in host.BlkioWeightDevice ?? [])
        {
            json.WriteStartObject();
            json.WriteString("Path", device.Path);
            json.WriteNumber("Weight", device.Weight ?? 0);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteThrottles(json, "BlkioDeviceReadBps", host.BlkioDeviceReadBps);
        WriteThrottles(json, "BlkioDeviceWriteBps", host.BlkioDeviceWriteBps);
        WriteThrottles(json, "BlkioDeviceReadIOps", host.BlkioDeviceReadIOps);
        WriteThrottles(json, "BlkioDeviceWriteIOps", host.BlkioDeviceWriteIOps);
        json.WriteNumber("CpuPeriod", host.CpuPeriod ?? 0);
        json.WriteNumber("CpuQuota", host.CpuQuota ?? 0);
        json.WriteNumber("CpuRealtimePeriod", host.CpuRealtimePeriod ?? 0);
        json.WriteNumber("CpuRealtimeRuntime", host.CpuRealtimeRuntime ?? 0);
        json.WriteString("CpusetCpus", host.CpusetCpus ?? "");
        json.WriteString("CpusetMems", host.CpusetMems ?? "");
        WriteDevices(json, host);
        json.WriteNumber("MemoryReservation", host.MemoryReservation ?? 0);
        json.WriteNumber("MemorySwap", host.MemorySwap ?? 0);
        json.WriteNumber("MemorySwappiness", host.MemorySwappiness ?? -1);
        json.WriteBoolean("OomKillDisable", host.OomKillDisable ?? false);
        json.WriteNumber("PidsLimit", host.PidsLimit ?? 0);
        json.WriteStartArray("Ulimits");
        foreach (var limit in host.Ulimits ?? [])
        {
            json.WriteStartObject();
            json.WriteString("Name", limit.Name);
            json.WriteNumber("Hard", limit.Hard ?? 0);
            json.WriteNumber("Soft", limit.Soft ?? 0);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("CpuCount", host.CpuCount ?? 0);
        json.WriteNumber("CpuPercent", host.CpuPercent ?? 0);
        json.WriteNumber("IOMaximumIOps", host.IOMaximumIOps ?? 0);
        json.WriteNumber("IOMaximumBandwidth", host.IOMaximumBandwidth ?? 0);
    }

    private static void WriteDevices(Utf8JsonWriter json, HostConfig host)
    {
        json.WriteStartArray("Devices");
        foreach (var device in host.Devices ?? [])
        {
            json.WriteStartObject();
            json.WriteString("PathOnHost", device.PathOnHost);
            json.WriteString("PathInContainer", device.PathInContainer);
            json.WriteString("CgroupPermissions", device.CgroupPermissions);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteStringsAlways(json, "DeviceCgroupRules", host.DeviceCgroupRules);
        if (host.DeviceRequests is not { } requests)
        {
            json.WriteNull("DeviceRequests");
            return;
        }
        json.WriteStartArray("DeviceRequests");
        foreach (var request in requests)
        {
            json.WriteStartObject();
            json.WriteString("Driver", request.Driver ?? "");
            json.WriteNumber("Count", request.Count ?? 0);
            WriteStringsAlways(json, "DeviceIDs", request.DeviceIDs);
            if (request.Capabilities is { } capabilities)
            {
                json.WriteStartArray("Capabilities");
                foreach (var group in capabilities)
                {
                    json.WriteStartArray();
                    foreach (var capability in group)
                        json.WriteStringValue(capability);
                    json.WriteEndArray();
                }
                json.WriteEndArray();
            }
            else
            {
                json.WriteNull("Capabilities");
            }
            WriteMapAlways(json, "Options", request.Options);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteThrottles(Utf8JsonWriter json, string name, IReadOnlyList<ThrottleDevice>? devices)
    {
        json.WriteStartArray(name);
        foreach (var device in devices ?? [])
        {
            json.WriteStartObject();
            json.WriteString("Path", device.Path);
            json.WriteNumber("Rate", device.Rate ?? 0);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WritePortBindings(Utf8JsonWriter json, IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>? bindings)
    {
        json.WriteStartObject("PortBindings");
        foreach (var (port, hosts) in bindings ?? new Dictionary<string, IReadOnlyList<PortBinding>?>())
        {
            json.WriteStartArray(port);
            foreach (var binding in hosts ?? [])
            {
                json.WriteStartObject();
                json.WriteString("HostIp", binding.HostIp ?? "");
                json.WriteString("HostPort", binding.HostPort ?? "");
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteNetworking(Utf8JsonWriter json, NetworkingConfig networking)
    {
        json.WriteStartObject("NetworkingConfig");
        json.WriteStartObject("EndpointsConfig");
        foreach (var (network, endpoint) in networking.EndpointsConfig ?? new Dictionary<string, EndpointSettings>())
        {
            json.WriteStartObject(network);
            WriteAddresses(json, endpoint.IPAMConfig);
            WriteStringsAlways(json, "Links", endpoint.Links);
            WriteStringsAlways(json, "Aliases", endpoint.Aliases);
            json.WriteString("MacAddress", endpoint.MacAddress ?? "");
            WriteMapAlways(json, "DriverOpts", endpoint.DriverOpts);
            json.WriteNumber("GwPriority", endpoint.GwPriority ?? 0);
            json.WriteString("NetworkID", endpoint.NetworkID ?? "");
            json.WriteString("EndpointID", endpoint.EndpointID ?? "");
            json.WriteString("Gateway", endpoint.Gateway ?? "");
            json.WriteString("IPAddress", endpoint.IPAddress ?? "");
            json.WriteNumber("IPPrefixLen", endpoint.IPPrefixLen ?? 0);
            json.WriteString("IPv6Gateway", endpoint.IPv6Gateway ?? "");
            json.WriteString("GlobalIPv6Address", endpoint.GlobalIPv6Address ?? "");
            json.WriteNumber("GlobalIPv6PrefixLen", endpoint.GlobalIPv6PrefixLen ?? 0);
            WriteStringsAlways(json, "DNSNames", endpoint.DNSNames);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAddresses(Utf8JsonWriter json, EndpointIPAMConfig? addresses)
    {
        if (addresses is null)
        {
            json.WriteNull("IPAMConfig");
            return;
        }
        json.WriteStartObject("IPAMConfig");
        if (addresses.IPv4Address is { Length: > 0 } four)
            json.WriteString("IPv4Address", four);
        if (addresses.IPv6Address is { Length: > 0 } six)
            json.WriteString("IPv6Address", six);
        if (addresses.LinkLocalIPs is { Count: > 0 })
            WriteStringsAlways(json, "LinkLocalIPs", addresses.LinkLocalIPs);
        json.WriteEndObject();
    }

    private static void WriteStringsAlways(Utf8JsonWriter json, string name, IReadOnlyList<string>? values)
    {
        if (values is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void WriteMapAlways(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string>? map)
    {
        if (map is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        foreach (var (key, value) in map)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteMapUnlessEmpty(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string>? map)
    {
        if (map is { Count: > 0 })
            WriteMapAlways(json, name, map);
    }

    private static void WriteSet(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, EmptyObject>? set)
    {
        json.WriteStartObject(name);
        foreach (var (key, _) in set ?? new Dictionary<string, EmptyObject>())
        {
            json.WriteStartObject(key);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteUnlessZero(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value and not 0)
            json.WriteNumber(name, value);
    }
}
