using Gantry.Distribution;
using Gantry.Engine;
using Gantry.Engine.Planning;
using Gantry.Engine.Remap;
using Gantry.Engine.Runtimes;
using Gantry.Network.Addresses;

namespace Gantry.Apps.Options;

/// <summary>All options of gantryd.</summary>
/// <remarks>Source: dockerd's flags and daemon.json keys (moby daemon/command). Names are dockerd's, so that a file can be carried over.</remarks>
internal static class OptionTable
{
    public static IReadOnlyList<Option> All { get; } = [.. Process(), .. Listening(), .. Images(), .. Containers(), .. Network(), .. Foreign()];

    private static IEnumerable<Option> Process() =>
    [
        Text("config-file", DaemonOptions.DefaultConfigFile, "Configuration file (JSON)", (o, v) => o with { ConfigFile = v }) with { Key = "" },
        Text("data-root", "/var/lib/gantry", "Where images, containers and volumes are kept", Engine((e, v) => e with { DataRoot = AbsolutePath(v) })),
        Text("exec-root", "/run/gantry", "Where run-time state is kept", Engine((e, v) => e with { ExecRoot = AbsolutePath(v) })),
        Text("pidfile", "EXEC-ROOT/gantryd.pid", "File for the engine's process id", (o, v) => o with { PidFile = AbsolutePath(v) }) with { Short = 'p' },
        Text("log-level", "info", "What is logged: debug, info, warn, error or fatal", (o, v) => o with { LogLevel = OneOf(v, "debug", "info", "warn", "error", "fatal") }) with { Short = 'l' },
        Flag("debug", "Log everything (--log-level=debug)", (o, on) => on ? o with { LogLevel = "debug", Engine = o.Engine with { Debug = true } } : o) with { Short = 'D' },
        List("label", "labels", "Label of the engine, key=value", (o, v) => o with { Engine = o.Engine with { Labels = [.. v.Select(Label)] } }),
        Text("runtime-binary", "gantry-runtime beside gantryd", "The runtime and monitor program", Engine((e, v) => e with { RuntimeBinary = AbsolutePath(v) })),
        Text("init-path", "gantry-init beside gantryd", "The init of containers that ask for one; must run in any image, so static", Engine((e, v) => e with { InitBinary = AbsolutePath(v) })),
        Number("warm-monitors", "2", "Monitors that are kept started for the next containers", (e, n) => e with { WarmMonitors = n }),
        new() { Flag = "feature", Key = "features", Kind = OptionKind.Features, Help = "Feature to switch on or off, NAME[=true|false]: cdi, buildkit; those that are dockerd's alone are accepted, to no effect", Apply = Features },
        .. new[] { "containerd", "containerd-namespace", "containerd-plugins-namespace" }.Select(static flag => Text(flag, "", "Accepted, to no effect: containers have monitors of their own, without containerd", static (o, _) => o)),
        Flag("validate", "Check the configuration and exit", (o, on) => o with { Validate = on }) with { Key = "" },
        Flag("version", "Print the version and exit", (o, on) => o with { ShowVersion = on }) with { Short = 'v', Key = "" },
        Flag("help", "Print this help and exit", (o, on) => o with { ShowHelp = on }) with { Short = 'h', Key = "" },
    ];

    private static IEnumerable<Option> Listening() =>
    [
        List("host", "hosts", "Socket to listen on: unix://PATH, tcp://ADDRESS:PORT, fd://", (o, v) => o with { Hosts = v }) with { Short = 'H', Default = DaemonOptions.DefaultHost },
        Text("group", "gantry, when there is such a group", "Group that may use the Unix sockets", (o, v) => o with { Group = v }) with { Short = 'G' },
        Flag("tlsverify", "TLS on TCP sockets; clients must have a certificate of the authority", (o, on) => o with { TlsVerify = on }),
        Flag("tls", "Implied by --tlsverify; without it refused, because clients would not be checked", (o, on) => o with { TlsOnly = on }),
        Text("tlscacert", "/etc/gantry/ca.pem", "Authority whose client certificates are accepted", (o, v) => o with { TlsAuthority = AbsolutePath(v) }),
        Text("tlscert", "/etc/gantry/cert.pem", "The engine's certificate", (o, v) => o with { TlsCertificate = AbsolutePath(v) }),
        Text("tlskey", "/etc/gantry/key.pem", "The certificate's key", (o, v) => o with { TlsKey = AbsolutePath(v) }),
        Flag("allow-plain-tcp", "Allow tcp:// without TLS on loopback addresses: every local user is then root", (o, on) => o with { AllowPlainTcp = on }),
    ];

    private static IEnumerable<Option> Images() =>
    [
        List("registry-mirror", "registry-mirrors", "Mirror of Docker Hub, asked before it", (o, v) => o with { Engine = o.Engine with { RegistryMirrors = [.. v.Select(MirrorUrl)] } }),
        List("insecure-registry", "insecure-registries", "Registry (HOST[:PORT] or CIDR) that may be spoken to without TLS", (o, v) => o with { Engine = o.Engine with { InsecureRegistries = v } }),
        Text("http-proxy", "$HTTP_PROXY", "Proxy to registries that are reached by http, a URL", (o, v) => Proxies(o, p => p with { Http = ProxyUrl(v) })),
        Text("https-proxy", "$HTTPS_PROXY", "Proxy to registries that are reached by https, a URL", (o, v) => Proxies(o, p => p with { Https = ProxyUrl(v) })),
        Text("no-proxy", "$NO_PROXY", "Hosts, domains, addresses and networks that are reached without a proxy, separated by commas", (o, v) => Proxies(o, p => p with { Without = v })),
        new() { Flag = "proxies", Kind = OptionKind.Map, Help = "The three of them together: http-proxy=URL, https-proxy=URL, no-proxy=HOSTS", Apply = (o, v) => v.Aggregate(o, Proxy) },
        new() { Flag = "builder", Kind = OptionKind.Json, Help = "How much the build cache may hold, as JSON: {\"gc\": {\"enabled\": true, \"defaultReservedSpace\": \"20GB\", \"policy\": […]}}", Apply = (o, v) => o with { Engine = o.Engine with { BuildCache = BuilderJson.Parse(v[^1]) } } },
        Number("max-download-attempts", "5", "Attempts at each layer before a pull fails", (e, n) => e with { MaxDownloadAttempts = AtLeast(1, n) }),
        Number("max-concurrent-downloads", "3", "Layers that are downloaded at a time", (e, n) => e with { MaxConcurrentDownloads = AtLeast(1, n) }),
    ];

    private static IEnumerable<Option> Containers() =>
    [
        Text("cgroup-parent", "", "Parent of the containers' control groups", Engine((e, v) => e with { CgroupParent = v })),
        Text("log-driver", "json-file", "Log driver of containers that name none", Engine((e, v) => e with { LogDriver = v })),
        new() { Flag = "log-opt", Key = "log-opts", Kind = OptionKind.Map, Help = "Option of the default log driver, key=value", Apply = (o, v) => o with { Engine = o.Engine with { LogOptions = Pairs(v) } } },
        new() { Flag = "add-runtime", Key = "runtimes", Kind = OptionKind.Map, Help = "OCI runtime that containers can ask for, name=path", Apply = (o, v) => o with { Engine = o.Engine with { Runtimes = Runtimes(v) } } },
        List("cdi-spec-dir", "cdi-spec-dirs", "Directory of CDI specifications of devices (default /etc/cdi and /var/run/cdi)", (o, v) => o with { Engine = o.Engine with { CdiSpecDirectories = [.. v.Where(static directory => directory.Length > 0).Select(AbsolutePath)] } }),
        Text("default-runtime", "gantry", "OCI runtime of containers that name none", Engine((e, v) => e with { DefaultRuntime = v })),
        Flag("init", "Containers get an init unless they say otherwise", (o, on) => o with { Engine = o.Engine with { Init = on } }),
        Text("userns-remap", "", "User whose ids of /etc/subuid and /etc/subgid containers run with: default, USER[:GROUP] or UID[:GID]", Engine((e, v) => e with { UsernsRemap = Remapped(v) })),
        Flag("no-new-privileges", "Containers get no_new_privileges unless they say otherwise", (o, on) => o with { Engine = o.Engine with { NoNewPrivileges = on } }),
        Text("default-shm-size", "64M", "Size of /dev/shm of containers that name none", Engine((e, v) => e with { ShmSizeBytes = Sizes.Parse(v) })),
        Text("default-ipc-mode", "private", "IPC mode of containers that name none: private or shareable", Engine((e, v) => e with { IpcMode = OneOf(v, "private", "shareable") })),
        Text("default-cgroupns-mode", "private with cgroup version 2, else host", "Cgroup namespace of containers that name none: private or host", Engine((e, v) => e with { CgroupNamespaceMode = OneOf(v, "private", "host") })),
        new() { Flag = "default-ulimit", Key = "default-ulimits", Kind = OptionKind.Limits, Help = "Resource limit of containers that do not name it, NAME=SOFT[:HARD]", Apply = (o, v) => o with { Engine = o.Engine with { Ulimits = [.. v.Select(Ulimits.Parse)] } } },
        Text("seccomp-profile", "builtin", "Seccomp profile of containers that name none: a file, builtin or unconfined", Engine((e, v) => e with { SeccompProfile = v is "builtin" or "unconfined" ? v : AbsolutePath(v) })),
        Number("shutdown-timeout", "15", "Accepted, to no effect: containers go on when the engine stops, so that there is nothing to wait for", (e, _) => e),
        Number("default-stop-timeout", "10", "Seconds that stop waits before it kills", (e, n) => e with { StopTimeout = TimeSpan.FromSeconds(n) }),
    ];

    private static IEnumerable<Option> Network() =>
    [
        Text("bip", "", "Address and subnet of the default bridge, as in 172.17.0.1/16", Engine((e, v) => e with { BridgeAddress = Cidr(v) })),
        Text("fixed-cidr", "", "Part of the bridge's subnet that containers get addresses from", Engine((e, v) => e with { FixedCidr = Cidr(v) })),
        Flag("ipv6", "Containers of the default bridge have IPv6", (o, on) => o with { Engine = o.Engine with { EnableIPv6 = on } }),
        Flag("ip6tables", "Accepted; with --ipv6 the engine's rules cannot be left out (default true)", (o, on) => o with { WithoutRules6 = !on }),
        Text("bip6", "", "IPv6 address and subnet of the default bridge, as in fd00:1::1/64", Engine((e, v) => e with { BridgeAddress6 = Cidr6(v) })),
        Text("fixed-cidr-v6", "a unique local /64", "IPv6 subnet of containers", Engine((e, v) => e with { FixedCidr6 = Cidr6(v) })),
        Text("bridge", "gantry0", "Name of the default bridge", Engine((e, v) => e with { BridgeName = v })) with { Short = 'b' },
        Number("mtu", "1500", "MTU of the default bridge, in bytes", (e, n) => e with { Mtu = AtLeast(68, n) }),
        Text("ip", "0.0.0.0", "Host address for published ports", Engine((e, v) => e with { DefaultHostAddress = Address(v) })),
        Flag("icc", "Containers of the default bridge reach each other (default true)", (o, on) => o with { Engine = o.Engine with { InterContainer = on } }),
        Flag("ip-masq", "What containers send to the world gets the host's address (default true)", (o, on) => o with { Engine = o.Engine with { Masquerade = on } }),
        Flag("ip-forward", "Turn IP forwarding on (default true)", (o, on) => o with { Engine = o.Engine with { EnableForwarding = on } }),
        Flag("allow-direct-routing", "Other hosts may reach published ports at the containers' own addresses", (o, on) => o with { Engine = o.Engine with { AllowDirectRouting = on } }),
        new() { Flag = "default-address-pool", Key = "default-address-pools", Kind = OptionKind.Pools, Help = "Where networks get their subnets from, base=CIDR,size=PREFIX", Apply = (o, v) => o with { Engine = o.Engine with { AddressPools = [.. v.Select(AddressPool.Parse)] } } },
        List("host-gateway-ip", "host-gateway-ips", "What host-gateway stands for in --add-host; the bridge's address when it is not given", (o, v) => o with { Engine = o.Engine with { HostGateway = v.Select(Address).FirstOrDefault() } }),
        List("dns", null, "Name server for containers", (o, v) => o with { Engine = o.Engine with { Dns = [.. v.Select(Address)] } }),
        List("dns-opt", "dns-opts", "Resolver option for containers", (o, v) => o with { Engine = o.Engine with { DnsOptions = v } }),
        List("dns-search", null, "Search domain for containers", (o, v) => o with { Engine = o.Engine with { DnsSearch = v } }),
    ];

    // Source: moby daemon/config: features are a map of booleans; a name alone is true, and which names there are nobody checks.
    private static DaemonOptions Features(DaemonOptions options, IReadOnlyList<string> features)
    {
        foreach (var feature in features)
        {
            var equals = feature.IndexOf('=', StringComparison.Ordinal);
            var (name, on) = equals < 0 ? (feature, "true") : (feature[..equals], feature[(equals + 1)..]);
            if (on is not ("true" or "false"))
                throw new FormatException($"\"{feature}\": expected NAME=true or NAME=false");
            options = name switch
            {
                "cdi" => options with { WithoutCdi = on == "false" },
                "buildkit" => options with { Engine = options.Engine with { OffersBuildKit = on == "true" } },
                _ => options,
            };
        }
        return options;
    }

    private static (string Flag, string? Key)[] Absent =>
    [
            ("authorization-plugin", "authorization-plugins"), ("bridge-accept-fwmark", null),
            ("cpu-rt-period", null),
            ("cpu-rt-runtime", null), ("cri-containerd", null), ("default-gateway", null),
            ("default-gateway-v6", null), ("default-network-opt", "default-network-opts"), ("exec-opt", "exec-opts"),
            ("ip-forward-no-drop", null), ("max-concurrent-uploads", null), ("metrics-addr", null), ("network-control-plane-mtu", null),
            ("network-diagnostic-port", null), ("node-generic-resource", "node-generic-resources"), ("nri-opts", null), ("restart", null), ("storage-opt", "storage-opts"),
            ("swarm-default-advertise-addr", null), ("userland-proxy-path", null), ("min-api-version", null),
        ];

    /// <summary>Options of dockerd that have only one value here, or none.</summary>
    private static IEnumerable<Option> Foreign() =>
    [
        Only("storage-driver", "layers are mounted with overlayfs (overlay2)", "overlay2", "overlay") with { Short = 's' },
        Only("live-restore", "containers always outlive the engine; it cannot be switched off", "true"),
        Only("userland-proxy", "published ports never go through a proxy process, on or off", "true", "false"),
        Only("iptables", "published ports need the engine's nftables rules", "true"),
        Only("experimental", "there are no experimental features", "true", "false"),
        Only("selinux-enabled", "there is no SELinux support", "false"),
        Only("rootless", "gantryd needs root", "false"),
        Only("raw-logs", "logs are never coloured", "true", "false"),
        Only("log-format", "logs are text", "text"),
        Only("firewall-backend", "rules are made with nftables", "nftables"),
        .. Absent.Select(row => Only(row.Flag, "this version of Gantry does not have it; remove it") with { Key = row.Key }),
    ];

    private static Option Text(string flag, string @default, string help, Func<DaemonOptions, string, DaemonOptions> apply) =>
        new() { Flag = flag, Kind = OptionKind.Text, Default = @default, Help = help, Apply = (o, v) => apply(o, v[^1]) };

    private static Option Flag(string flag, string help, Func<DaemonOptions, bool, DaemonOptions> apply) =>
        new() { Flag = flag, Kind = OptionKind.Flag, Help = help, Apply = (o, v) => apply(o, OptionReader.IsTrue(v[^1])) };

    private static Option Number(string flag, string @default, string help, Func<EngineOptions, int, EngineOptions> apply) =>
        new() { Flag = flag, Kind = OptionKind.Number, Default = @default, Help = help, Apply = (o, v) => o with { Engine = apply(o.Engine, int.Parse(v[^1], null)) } };

    private static Option List(string flag, string? key, string help, Func<DaemonOptions, IReadOnlyList<string>, DaemonOptions> apply) =>
        new() { Flag = flag, Key = key, Kind = OptionKind.List, Help = help, Apply = apply };

    private static Option Only(string flag, string reason, params IReadOnlyList<string> values) =>
        new() { Flag = flag, Kind = values.Contains("true") || values.Contains("false") ? OptionKind.Flag : OptionKind.Text, Help = reason, OnlyValues = values };

    private static Func<DaemonOptions, string, DaemonOptions> Engine(Func<EngineOptions, string, EngineOptions> apply) => (o, v) => o with { Engine = apply(o.Engine, v) };

    private static string AbsolutePath(string value) => Path.IsPathRooted(value) ? Path.GetFullPath(value) : throw new FormatException("expected an absolute path");

    private static string? Remapped(string value)
    {
        if (value.Length == 0)
            return null;
        return RemapRoot.Problem(value) is { } problem ? throw new FormatException(problem) : value;
    }

    private static string OneOf(string value, params string[] known) => known.Contains(value) ? value : throw new FormatException($"expected one of {string.Join(", ", known)}");

    private static int AtLeast(int least, int value) => value >= least ? value : throw new FormatException($"expected at least {least}");

    private static string Label(string value) => value.IndexOf('=', StringComparison.Ordinal) > 0 ? value : throw new FormatException($"\"{value}\": expected key=value");

    private static string MirrorUrl(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { Query: "", Fragment: "", UserInfo: "" }
            ? value
            : throw new FormatException($"\"{value}\": expected http://HOST[:PORT] or https://HOST[:PORT]");

    private static DaemonOptions Proxies(DaemonOptions options, Func<ProxyOptions, ProxyOptions> change) =>
        options with { Engine = options.Engine with { Proxies = change(options.Engine.Proxies) } };

    private static DaemonOptions Proxy(DaemonOptions options, string pair)
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = equals < 0 ? (pair, "") : (pair[..equals], pair[(equals + 1)..]);
        return name switch
        {
            "http-proxy" => Proxies(options, p => p with { Http = ProxyUrl(value) }),
            "https-proxy" => Proxies(options, p => p with { Https = ProxyUrl(value) }),
            "no-proxy" => Proxies(options, p => p with { Without = value }),
            _ => throw new FormatException($"\"{name}\": expected http-proxy, https-proxy or no-proxy"),
        };
    }

    private static string ProxyUrl(string value) =>
        value.Length == 0 || ProxyOptions.UrlOf(value)?.Scheme is "http" or "https" or "socks5"
            ? value
            : throw new FormatException($"\"{value}\": expected the URL of a proxy, as in http://proxy:3128");

    private static string Address(string value) => System.Net.IPAddress.TryParse(value, out _) ? value : throw new FormatException($"\"{value}\" is not an IP address");

    private static string Cidr(string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && System.Net.IPAddress.TryParse(value.AsSpan(0, slash), out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
            && int.TryParse(value.AsSpan(slash + 1), out var length) && length is >= 0 and <= 32
            ? value
            : throw new FormatException("expected an IPv4 address with its prefix, as in 172.17.0.1/16");
    }

    private static string Cidr6(string value) =>
        Subnet6.TryParse(value, out _, out _) ? value : throw new FormatException("expected an IPv6 address with its prefix, as in fd00:1::/64");

    private static Dictionary<string, RuntimeChoice> Runtimes(IReadOnlyList<string> values)
    {
        var runtimes = new Dictionary<string, RuntimeChoice>(StringComparer.Ordinal);
        foreach (var (name, command) in Pairs(values))
        {
            if (name == RuntimeTable.Own)
                throw new FormatException($"\"{name}\" is Gantry's own runtime: give this one another name");
            var words = command.Split(DaemonJson.ArgumentSeparator);
            runtimes[name] = new RuntimeChoice(AbsolutePath(words[0]), words[1..]);
        }
        return runtimes;
    }

    private static Dictionary<string, string> Pairs(IReadOnlyList<string> values) =>
        values.Select(static v => v.Split('=', 2)).GroupBy(static p => p[0], StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.Last()[1], StringComparer.Ordinal);
}
