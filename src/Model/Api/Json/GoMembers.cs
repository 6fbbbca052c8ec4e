using System.Collections;
using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;

namespace Gantry.Model.Api;

/// <summary>How moby's Go structs write each member when it is empty: three families.</summary>
/// <remarks>
/// <para><b>omitempty</b> members (listed here) are left out when null, zero, false or without elements;
/// those with a question mark are pointers to plain values in moby and left out only when null.
/// <b>Pointers</b> to plain values (listed here) are written as <c>null</c>.
/// Everything else is a value: strings, numbers and booleans that are null are written as zero; nil lists, maps and structs as <c>null</c>,
/// unless the struct is embedded by value (listed here), which is written with its zeros.</para>
/// <para>Clients depend on it: those in languages without Go's zero values fail on a <c>null</c> where a boolean stands.</para>
/// Source: struct tags in moby api/types/**.
/// </remarks>
internal static class GoMembers
{
    private const string All = "*";

    private static readonly FrozenDictionary<Type, string> OmitEmpty = new Dictionary<Type, string>
    {
        [typeof(ContainerConfig)] = "ExposedPorts Healthcheck ArgsEscaped NetworkDisabled StopSignal StopTimeout? Shell",
        [typeof(HostConfig)] = "Annotations StorageOpt Tmpfs Sysctls Runtime Mounts Init?",
        [typeof(MountSpec)] = All,
        [typeof(MountBindOptions)] = All,
        [typeof(MountImageOptions)] = All,
        [typeof(MountTmpfsOptions)] = All,
        [typeof(MountVolumeOptions)] = All,
        [typeof(MountVolumeOptionsDriverConfig)] = All,
        [typeof(MountPoint)] = "Type Name Driver",
        [typeof(HealthConfig)] = All,
        [typeof(ContainerState)] = "Health",
        [typeof(ContainerInspectResponse)] = "SizeRw? SizeRootFs? ImageManifestDescriptor Storage GraphDriver",
        [typeof(ContainerSummary)] = "SizeRw SizeRootFs ImageManifestDescriptor Health",
        [typeof(ContainerSummaryHostConfig)] = All,
        [typeof(ContainerStorage)] = All,
        [typeof(RootFSStorage)] = All,
        [typeof(PortSummary)] = "IP PublicPort",
        [typeof(EndpointIPAMConfig)] = All,
        [typeof(ContainerStatsResponse)] = "name id os_type networks",
        [typeof(ContainerCPUStats)] = "system_cpu_usage online_cpus",
        [typeof(ContainerCPUUsage)] = "percpu_usage",
        [typeof(ContainerMemoryStats)] = All,
        [typeof(ContainerPidsStats)] = All,
        [typeof(ContainerStorageStats)] = All,
        [typeof(ContainerWaitResponse)] = "Error",
        [typeof(ExecCreateRequest)] = "ConsoleSize",
        [typeof(ExecStartRequest)] = "ConsoleSize",
        [typeof(ProcessConfig)] = "privileged? user",
        [typeof(ImageSummary)] = "Manifests Descriptor",
        [typeof(ImageInspect)] = "Comment Created Author Variant OsVersion GraphDriver Descriptor Manifests",
        [typeof(ImageConfig)] = All,
        [typeof(ImageInspectRootFS)] = "Type Layers",
        [typeof(ImageInspectMetadata)] = All,
        [typeof(ImageDeleteResponseItem)] = All,
        [typeof(ImageManifestSummary)] = "ImageData AttestationData",
        [typeof(ImageManifestSummaryImageData)] = "Identity",
        [typeof(OCIDescriptor)] = "urls annotations data platform artifactType",
        [typeof(OCIPlatform)] = "os.version os.features variant",
        [typeof(NetworkResource)] = "Peers",
        [typeof(NetworkCreateRequest)] = "EnableIPv4? EnableIPv6? ConfigFrom IPAM",
        [typeof(IPAMConfig)] = All,
        [typeof(VolumeResource)] = "CreatedAt Status ClusterVolume UsageData",
        [typeof(VolumeCreateRequest)] = All,
        [typeof(EventMessage)] = "scope time timeNano",
        [typeof(ErrorDetail)] = All,
        [typeof(ProgressDetail)] = All,
        [typeof(StreamMessage)] = All,
        [typeof(AuthConfig)] = All,
        [typeof(AuthResponse)] = "IdentityToken",
        [typeof(RuntimeDescription)] = All,
        [typeof(SystemVersion)] = "Components MinAPIVersion KernelVersion Experimental BuildTime",
        [typeof(SystemVersionComponents)] = "Details",
        [typeof(SwarmInfo)] = "Nodes Managers Cluster",
        [typeof(SystemInfo)] = "OSVersion ProductLicense DefaultAddressPools FirewallBackend DiscoveredDevices NRI CDISpecDirs Containerd InitCommit ContainerdCommit RuncCommit",
        [typeof(SystemInfoGenericResources)] = All,
        [typeof(SystemDataUsageResponse)] = All,
        [typeof(ContainersDiskUsage)] = All,
        [typeof(ImagesDiskUsage)] = All,
        [typeof(VolumesDiskUsage)] = All,
        [typeof(BuildCacheDiskUsage)] = All,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<Type, string> Pointers = new Dictionary<Type, string>
    {
        [typeof(HostConfig)] = "MemorySwappiness OomKillDisable PidsLimit",
        [typeof(ExecInspectResponse)] = "ExitCode DetachKeys",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<Type, Func<object>> Embedded = new Dictionary<Type, Func<object>>
    {
        [typeof(HostConfigLogConfig)] = static () => new HostConfigLogConfig(),
        [typeof(RestartPolicy)] = static () => new RestartPolicy(),
        [typeof(ContainerSummaryHostConfig)] = static () => new ContainerSummaryHostConfig(),
        [typeof(ImageInspectRootFS)] = static () => new ImageInspectRootFS(),
        [typeof(ImageInspectMetadata)] = static () => new ImageInspectMetadata(),
        [typeof(IPAM)] = static () => new IPAM(),
        [typeof(ConfigReference)] = static () => new ConfigReference(),
        [typeof(EventActor)] = static () => new EventActor(),
        [typeof(PluginsInfo)] = static () => new PluginsInfo(),
        [typeof(SystemVersionPlatform)] = static () => new SystemVersionPlatform(),
        [typeof(ContainerPidsStats)] = static () => new ContainerPidsStats(),
        [typeof(ContainerBlkioStats)] = static () => new ContainerBlkioStats(),
        [typeof(ContainerStorageStats)] = static () => new ContainerStorageStats(),
        [typeof(ContainerCPUStats)] = static () => new ContainerCPUStats(),
        [typeof(ContainerCPUUsage)] = static () => new ContainerCPUUsage(),
        [typeof(ContainerThrottlingData)] = static () => new ContainerThrottlingData(),
        [typeof(ContainerMemoryStats)] = static () => new ContainerMemoryStats(),
    }.ToFrozenDictionary();

    public static void Apply(JsonTypeInfo info)
    {
        if (info.Kind != JsonTypeInfoKind.Object)
            return;
        var omitted = OmitEmpty.GetValueOrDefault(info.Type);
        var pointers = Pointers.GetValueOrDefault(info.Type);
        foreach (var member in info.Properties)
        {
            if (Lists(omitted, member.Name + "?"))
                member.ShouldSerialize = static (_, value) => value is not null;
            else if (omitted == All || Lists(omitted, member.Name))
                member.ShouldSerialize = static (_, value) => !IsEmpty(value);
            else if (!Lists(pointers, member.Name) && member.Get is { } get && Zero(member.PropertyType) is { } zero)
                member.Get = owner => get(owner) ?? zero();
        }
    }

    private static bool Lists(string? names, string name) => names is not null && names.Split(' ').Contains(name);

    /// <summary>Go's notion of empty: nil, zero, false, no characters, no elements. A struct is never empty.</summary>
    private static bool IsEmpty(object? value) => value switch
    {
        null => true,
        string text => text.Length == 0,
        bool flag => !flag,
        long number => number == 0,
        int number => number == 0,
        ICollection items => items.Count == 0,
        IReadOnlyDictionary<string, string> map => map.Count == 0,
        IReadOnlyDictionary<string, EmptyObject> map => map.Count == 0,
        IReadOnlyCollection<object> items => items.Count == 0,
        _ => false,
    };

    private static Func<object>? Zero(Type type)
    {
        if (type == typeof(string))
            return static () => string.Empty;
        if (type == typeof(bool?))
            return static () => false;
        if (type == typeof(long?))
            return static () => 0L;
        if (type == typeof(int?))
            return static () => 0;
        return Embedded.GetValueOrDefault(type);
    }
}
