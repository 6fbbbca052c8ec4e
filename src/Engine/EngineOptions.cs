using Gantry.Distribution;
using Gantry.Engine.Devices;
using Gantry.Engine.Runtimes;
using Gantry.Network.Addresses;

namespace Gantry.Engine;

/// <summary>An engine's configuration. Two engines with different roots run side by side.</summary>
public sealed record EngineOptions
{
    /// <summary>Where images, containers and volumes are kept.</summary>
    public string DataRoot { get; init; } = "/var/lib/gantry";

    /// <summary>Where run-time state is kept; empty after a reboot.</summary>
    public string ExecRoot { get; init; } = "/run/gantry";

    /// <summary>The gantry-runtime binary that is started as each container's monitor.</summary>
    public required string RuntimeBinary { get; init; }

    /// <summary>Further OCI runtimes that containers can ask for, by name.</summary>
    public IReadOnlyDictionary<string, RuntimeChoice> Runtimes { get; init; } = new Dictionary<string, RuntimeChoice>();

    /// <summary>Where CDI specifications of devices lie.</summary>
    public IReadOnlyList<string> CdiSpecDirectories { get; init; } = CdiSpecs.DefaultDirectories;

    /// <summary>Whether clients are told to build with BuildKit; those that know better can, all the same.</summary>
    public bool OffersBuildKit { get; init; } = true;

    /// <summary>The runtime of containers that name none.</summary>
    public string DefaultRuntime { get; init; } = RuntimeTable.Own;

    /// <summary>The init of containers that ask for one; null, or not there: they are refused.</summary>
    public string? InitBinary { get; init; }

    /// <summary>Whether containers that do not say get an init.</summary>
    public bool Init { get; init; }

    /// <summary>The bridge's name in the kernel; null: gantry0 for the default roots, else one made of the roots' names.</summary>
    public string? BridgeName { get; init; }

    /// <summary>The default bridge's address and subnet, as in <c>172.17.0.1/16</c>; null: a free one is chosen.</summary>
    public string? BridgeAddress { get; init; }

    /// <summary>The part of the subnet that containers get addresses from (<c>--fixed-cidr</c>); null: all of it.</summary>
    public string? FixedCidr { get; init; }

    /// <summary>Whether containers of the default bridge have IPv6 (<c>--ipv6</c>).</summary>
    public bool EnableIPv6 { get; init; }

    /// <summary>The default bridge's IPv6 address and prefix (<c>--bip6</c>); null: the first of its subnet.</summary>
    public string? BridgeAddress6 { get; init; }

    /// <summary>The IPv6 subnet of containers (<c>--fixed-cidr-v6</c>); null: a unique local one is made up.</summary>
    public string? FixedCidr6 { get; init; }

    /// <summary>The default bridge's MTU in bytes.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Where the default bridge's subnet is chosen from; empty: Docker's list.</summary>
    public IReadOnlyList<AddressPool> AddressPools { get; init; } = [];

    /// <summary>Whether containers of the default bridge reach each other other than by published ports (<c>--icc</c>).</summary>
    public bool InterContainer { get; init; } = true;

    /// <summary>Whether what containers send to the world gets the host's address (<c>--ip-masq</c>).</summary>
    public bool Masquerade { get; init; } = true;

    /// <summary>Whether the engine turns IP forwarding on (<c>--ip-forward</c>).</summary>
    public bool EnableForwarding { get; init; } = true;

    /// <summary>Whether other hosts may reach published ports at the container's own address (<c>--allow-direct-routing</c>).</summary>
    public bool AllowDirectRouting { get; init; }

    /// <summary>The host address that ports are published on when a request names none (<c>--ip</c>).</summary>
    public string DefaultHostAddress { get; init; } = "0.0.0.0";

    /// <summary>What <c>host-gateway</c> stands for in extra hosts; null: the bridge's address.</summary>
    public string? HostGateway { get; init; }

    /// <summary>Name servers for containers; empty: the host's.</summary>
    public IReadOnlyList<string> Dns { get; init; } = [];

    /// <summary>Resolver options for containers.</summary>
    public IReadOnlyList<string> DnsOptions { get; init; } = [];

    /// <summary>Search domains for containers.</summary>
    public IReadOnlyList<string> DnsSearch { get; init; } = [];

    /// <summary>Proxies between the engine and registries; what is not given comes from the environment.</summary>
    public ProxyOptions Proxies { get; init; } = new();

    /// <summary>How often a broken download is taken up again before it fails.</summary>
    public int MaxDownloadAttempts { get; init; } = 5;

    /// <summary>Mirrors of Docker Hub, tried in order before it.</summary>
    public IReadOnlyList<string> RegistryMirrors { get; init; } = [];

    /// <summary>Registries that may be spoken to without TLS, or with a certificate that cannot be verified.</summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary>Where certificates of registries are, each in a directory named as its host and port.</summary>
    public IReadOnlyList<string> CertificateDirectories { get; init; } = ["/etc/docker/certs.d", "/etc/gantry/certs.d"];

    /// <summary>How many layers are downloaded at a time.</summary>
    public int MaxConcurrentDownloads { get; init; } = 3;

    /// <summary>The parent of the containers' cgroups; null: /gantry, made unique to the instance when the roots are not the defaults.</summary>
    public string? CgroupParent { get; init; }

    /// <summary>The log driver of containers that name none.</summary>
    public string LogDriver { get; init; } = "json-file";

    /// <summary>Options of the default log driver.</summary>
    public IReadOnlyDictionary<string, string> LogOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Whose ids containers' users get on the host (<c>--userns-remap</c>): <c>default</c>, <c>USER</c>, <c>USER:GROUP</c>,
    /// <c>UID</c> or <c>UID:GID</c>; null: theirs are the host's.
    /// </summary>
    public string? UsernsRemap { get; init; }

    /// <summary>Where the host's passwd, group, subuid and subgid are.</summary>
    public string AccountFiles { get; init; } = "/etc";

    /// <summary>Whether containers get no_new_privileges unless they say otherwise.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>The seccomp profile of containers that name none: <c>builtin</c>, <c>unconfined</c>, or the path of one.</summary>
    public string SeccompProfile { get; init; } = "builtin";

    /// <summary>Size of /dev/shm in bytes for containers that name none.</summary>
    public long ShmSizeBytes { get; init; } = Planning.SpecDefaults.ShmSizeBytes;

    /// <summary>The IPC mode of containers that name none: <c>private</c> or <c>shareable</c>.</summary>
    public string IpcMode { get; init; } = "private";

    /// <summary>The cgroup namespace of containers that name none, <c>private</c> or <c>host</c>; null: private with version 2, else host.</summary>
    public string? CgroupNamespaceMode { get; init; }

    /// <summary>Resource limits (<c>--default-ulimit</c>) of containers, each unless the container names it too.</summary>
    public IReadOnlyList<Model.Api.HostConfigUlimits> Ulimits { get; init; } = [];

    /// <summary>How long <c>stop</c> waits before it kills, for containers that name no time.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How much the build cache may hold.</summary>
    public Builds.CacheLimits BuildCache { get; init; } = new();

    /// <summary>The engine's labels (<c>--label</c>), as in <c>zone=a</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>How many monitors are kept started for the next containers.</summary>
    public int WarmMonitors { get; init; } = 2;

    /// <summary>Whether the engine was started with debugging on; shown by <c>info</c>.</summary>
    public bool Debug { get; init; }

    /// <summary>What <c>version</c> says: the product's version.</summary>
    public string ProductVersion { get; init; } = "0.1.0";
}
