using Gantry.Apps.Options;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Api;

public sealed class DaemonOptionTests
{
    private static DaemonOptions Read(string? file, out IReadOnlyList<string> problems, params string[] arguments) =>
        OptionReader.Read(arguments, path => path == "/etc/gantry/daemon.json" ? file : null, "/x/gantry-runtime", out problems);

    [Fact]
    public void NothingGivenIsTheDefault()
    {
        var options = Read(null, out var problems);
        Assert.Empty(problems);
        Assert.Equal(["unix:///run/gantry/gantry.sock"], options.Hosts);
        Assert.Equal("/var/lib/gantry", options.Engine.DataRoot);
        Assert.Equal("/x/gantry-runtime", options.Engine.RuntimeBinary);
    }

    [Fact]
    public void FlagsInAllTheirForms()
    {
        var options = Read(null, out var problems, "-DH", "unix:///a", "-Hunix:///b", "--host=unix:///c", "--data-root", "/d", "--no-new-privileges=false", "--registry-mirror", "http://127.0.0.1:5000", "--log-opt", "max-size=1m", "-l", "warn", "--default-shm-size=1g");
        Assert.Empty(problems);
        Assert.Equal(["unix:///a", "unix:///b", "unix:///c"], options.Hosts);
        Assert.True(options.Engine.Debug);
        Assert.Equal("/d", options.Engine.DataRoot);
        Assert.Equal("1m", options.Engine.LogOptions["max-size"]);
        Assert.Equal("warn", options.LogLevel);
        Assert.Equal(1L << 30, options.Engine.ShmSizeBytes);
    }

    [Fact]
    public void TheBuildCacheHasLimits()
    {
        var cache = Read("""{"builder": {"gc": {"enabled": true, "defaultKeepStorage": "20GB", "defaultMinFreeSpace": 1024, "policy": [{"keepStorage": "10GB", "filter": ["unused-for=2200h"]}, {"all": true, "maxUsedSpace": "1g", "keepDuration": "48h", "filter": {"type": {"regular": true}}}]}}}""", out var problems).Engine.BuildCache;
        Assert.Empty(problems);
        Assert.Equal((true, 20L << 30, 0L, 1024L, 2), (cache.IsEnabled, cache.ReservedBytes, cache.MaxUsedBytes, cache.MinFreeBytes, cache.Rules.Count));
        Assert.Equal((10L << 30, "2200h"), (cache.Rules[0].ReservedBytes, Assert.Single(cache.Rules[0].Filters["unused-for"])));
        Assert.Equal((true, 1L << 30, TimeSpan.FromHours(48), "regular"), (cache.Rules[1].All, cache.Rules[1].MaxUsedBytes, cache.Rules[1].UnusedFor, Assert.Single(cache.Rules[1].Filters["type"])));
        Assert.False(Read("""{"builder": {"gc": {"enabled": false}}}""", out problems).Engine.BuildCache.IsEnabled);
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("""{"builder": {"gc": {"enabled": "yes"}}}""", "builder: expected an object")]
    [InlineData("""{"builder": {"gc": {"size": 1}}}""", "size: not known")]
    [InlineData("""{"builder": {"gc": {"policy": [{"filter": ["color=red"]}]}}}""", "policy: ")]
    [InlineData("""{"builder": {"gc": {"policy": [{"keepDuration": "long"}]}}}""", "expected a duration")]
    [InlineData("""{"builder": {"gc": {"defaultKeepStorage": "much"}}}""", "is not a size")]
    [InlineData("""{"builder": {"history": {}}}""", "this version of Gantry has only \"gc\" here")]
    [InlineData("""{"builder": []}""", "builder: expected an object")]
    public void LimitsThatCannotBeAreNamed(string file, string problem)
    {
        Read(file, out var problems);
        Assert.Contains(problem, Assert.Single(problems), StringComparison.Ordinal);
    }

    /// <summary>What starts dockerd starts this engine: an empty configuration, containerd's whereabouts, features of either.</summary>
    [Theory]
    [InlineData(null, true, true)]
    [InlineData("", true, true, "--config-file", "/etc/gantry/daemon.json", "--containerd", "/run/c.sock", "--containerd-namespace=a", "--containerd-plugins-namespace", "b")]
    [InlineData("\n", true, true, "--feature", "cdi", "--feature=containerd-snapshotter")]
    [InlineData("""{"features": {"cdi": false, "buildkit": true, "windows-dns-proxy": false}, "cdi-spec-dirs": ["/x"]}""", false, true)]
    [InlineData("""{"features": {"buildkit": false}}""", true, false)]
    [InlineData("{}", false, true, "--cdi-spec-dir=")]
    public void FeaturesAreSwitched(string? file, bool cdi, bool buildKit, params string[] arguments)
    {
        var engine = Read(file, out var problems, arguments).Engine;
        Assert.Empty(problems);
        Assert.Equal((cdi, buildKit), (engine.CdiSpecDirectories.Count > 0, engine.OffersBuildKit));
    }

    [Fact]
    public void AFeatureIsOnOrOff()
    {
        Read("""{"features": {"cdi": "yes"}}""", out var problems);
        Assert.Contains("features: expected an object of booleans", Assert.Single(problems), StringComparison.Ordinal);
        Read(null, out problems, "--feature", "cdi=maybe");
        Assert.Contains("expected NAME=true or NAME=false", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void AHostWithoutASchemeIsTcp()
    {
        Read(null, out var problems, "--allow-plain-tcp", "-H", "127.0.0.1:2375");
        Assert.Empty(problems);
        Read(null, out problems, "-H", "0.0.0.0:2375");
        Assert.Contains("without TLS anybody who reaches the port", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void TheFileSetsWhatFlagsDoNot()
    {
        var options = Read("""{"registry-mirrors": ["https://m"], "mtu": 1400, "debug": true, "log-opts": {"max-file": "3"}, "storage-driver": "overlay2", "live-restore": true, "dns": null, /* people comment */ }""", out var problems, "--bip", "10.1.0.1/24");
        Assert.Empty(problems);
        Assert.Equal(["https://m"], options.Engine.RegistryMirrors);
        Assert.Equal(1400, options.Engine.Mtu);
        Assert.Equal("10.1.0.1/24", options.Engine.BridgeAddress);
        Assert.Equal("3", options.Engine.LogOptions["max-file"]);
    }

    [Fact]
    public void ObjectsOfTheFileAreWhatFlagsSay()
    {
        var file = Read("""{"default-ulimits": {"nofile": {"Name": "nofile", "Hard": 4096, "Soft": 1024}}, "default-address-pools": [{"base": "10.10.0.0/16", "size": 24}], "icc": false, "host-gateway-ips": ["10.0.0.1"]}""", out var problems).Engine;
        Assert.Empty(problems);
        var flags = Read(null, out problems, "--default-ulimit", "nofile=1024:4096", "--default-address-pool=base=10.10.0.0/16,size=24", "--icc=false", "--host-gateway-ip", "10.0.0.1").Engine;
        Assert.Empty(problems);
        foreach (var engine in new[] { file, flags })
        {
            Assert.Equal(new HostConfigUlimits { Name = "nofile", Soft = 1024, Hard = 4096 }, Assert.Single(engine.Ulimits));
            Assert.Equal(("10.10.0.0/16", 24), (Assert.Single(engine.AddressPools).Range.ToString(), engine.AddressPools[0].PrefixLength));
            Assert.Equal((false, "10.0.0.1"), (engine.InterContainer, engine.HostGateway));
        }
    }

    [Theory]
    [InlineData("""{"registry-miror": []}""", "the following directives don't match any configuration option: registry-miror (did you mean registry-mirrors?)")]
    [InlineData("""{"zzzzzzzz": 1}""", "the following directives don't match any configuration option: zzzzzzzz")]
    [InlineData("""{"mtu": "1400"}""", "mtu: expected a number, found \"1400\"")]
    [InlineData("""{"hosts": "unix:///x"}""", "hosts: expected a list of strings, found \"unix:///x\"")]
    [InlineData("""{"storage-driver": "btrfs"}""", "storage-driver: layers are mounted with overlayfs (overlay2)")]
    [InlineData("""{"runtimes": {"x": {}}}""", "runtimes: expected an object of strings")]
    [InlineData("""{"default-ulimits": {"nofile": 5}}""", "default-ulimits: expected an object of objects, as in")]
    [InlineData("""{"default-ulimits": {"nofile": {"Soft": 5, "Hard": 1}}}""", "default-ulimits: ulimit soft limit must be less than or equal to hard limit: 5 > 1")]
    [InlineData("""{"default-address-pools": ["10.0.0.0/8"]}""", "default-address-pools: expected a list of objects, as in")]
    [InlineData("[]", "expected an object")]
    [InlineData("{", "it is not JSON: ")]
    [InlineData("""{"data-root": "/y"}""", "the following directives are specified both as a flag and in the configuration file: data-root: (from flag: /x, from file: /y)")]
    public void TheFileIsChecked(string file, string problem)
    {
        Read(file, out var problems, "--data-root", "/x");
        Assert.StartsWith("/etc/gantry/daemon.json: " + problem, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--registry-mirrr x", "unknown flag: --registry-mirrr (did you mean --registry-mirror?); see gantryd --help")]
    [InlineData("-Z", "unknown shorthand flag: 'Z' in -Z; see gantryd --help")]
    [InlineData("start", "unexpected argument \"start\": gantryd takes only options; see gantryd --help")]
    [InlineData("--mtu", "flag needs an argument: --mtu")]
    [InlineData("--mtu x", "--mtu: \"x\": expected a whole number")]
    [InlineData("--mtu 1", "--mtu: expected at least 68")]
    [InlineData("--debug=maybe", "--debug: \"maybe\": expected true or false")]
    [InlineData("--data-root here", "--data-root: expected an absolute path")]
    [InlineData("--registry-mirror localhost:5000", "--registry-mirror: \"localhost:5000\": expected http://HOST[:PORT] or https://HOST[:PORT]")]
    [InlineData("--bip 300.0.0.1/24", "--bip: expected an IPv4 address with its prefix, as in 172.17.0.1/16")]
    [InlineData("--userns-remap a:b:c", "--userns-remap: \"a:b:c\": expected default, USER, USER:GROUP, UID or UID:GID")]
    [InlineData("--default-ulimit fly=1", "--default-ulimit: invalid ulimit type: fly")]
    [InlineData("--default-ulimit nofile", "--default-ulimit: \"nofile\": expected NAME=SOFT[:HARD], as in nofile=1024:4096")]
    [InlineData("--default-ipc-mode host", "--default-ipc-mode: expected one of private, shareable")]
    [InlineData("--live-restore=false", "--live-restore: containers always outlive the engine; it cannot be switched off")]
    [InlineData("--fixed-cidr-v6 fd00::1", "--fixed-cidr-v6: expected an IPv6 address with its prefix, as in fd00:1::/64")]
    [InlineData("--ip6tables=false --ipv6", "--ip6tables=false with --ipv6: published ports need the engine's nftables rules; leave one of them out")]
    [InlineData("--config-file /none", "--config-file: /none cannot be read: no such file")]
    [InlineData("-H http://x", "http://x: expected unix://PATH, tcp://ADDRESS:PORT or fd://")]
    [InlineData("-H unix://relative", "unix://relative: expected an absolute path")]
    [InlineData("-H tcp://0.0.0.0:2375", "tcp://0.0.0.0:2375: without TLS anybody who reaches the port would be root on this machine: add --tlsverify with --tlscacert, --tlscert and --tlskey")]
    [InlineData("-H tcp://0.0.0.0:2375 --allow-plain-tcp", "tcp://0.0.0.0:2375: without TLS anybody who reaches the port would be root on this machine: add --tlsverify with --tlscacert, --tlscert and --tlskey")]
    [InlineData("-H tcp://127.0.0.1:2375", "tcp://127.0.0.1:2375: without TLS every local user would be root: add --tlsverify, or --allow-plain-tcp if that is meant")]
    [InlineData("--tls", "--tls without --tlsverify: anybody who reaches the port would be root on this machine; use --tlsverify")]
    public void FlagsAreChecked(string arguments, string problem)
    {
        Read(null, out var problems, arguments.Split(' '));
        Assert.Equal(problem, Assert.Single(problems));
    }

    [Theory]
    [InlineData("tcp://127.0.0.1:2375", "127.0.0.1:2375")]
    [InlineData("tcp://[::1]:99", "[::1]:99")]
    [InlineData("tcp://localhost", "127.0.0.1:2375")]
    public void PlainTcpOnLoopbackWhenMeant(string host, string endpoint)
    {
        var options = Read(null, out var problems, "-H", host, "--allow-plain-tcp");
        Assert.Empty(problems);
        Assert.Equal(endpoint, HostAddress.Parse(host, options, out _)!.Tcp!.ToString());
    }

    [Fact]
    public void AllProblemsAreToldAtOnce()
    {
        Read("""{"nope1": 1, "mtu": false}""", out var problems, "--nope2", "--log-level", "loud");
        Assert.Equal(4, problems.Count);
    }

    [Fact]
    public void ProxiesAreReadFromFlagsAndFile()
    {
        var wanted = new Gantry.Distribution.ProxyOptions { Http = "http://a:1", Https = "b:2", Without = "c,.d" };
        var flags = Read("{}", out var problems, "--http-proxy", "http://a:1", "--https-proxy=b:2", "--no-proxy", "c,.d", "--max-download-attempts", "2");
        Assert.Empty(problems);
        Assert.Equal((wanted, 2), (flags.Engine.Proxies, flags.Engine.MaxDownloadAttempts));
        var file = Read("""{"proxies": {"http-proxy": "http://a:1", "https-proxy": "b:2", "no-proxy": "c,.d"}}""", out problems);
        Assert.Empty(problems);
        Assert.Equal(wanted, file.Engine.Proxies);
        Read("""{"proxies": {"ftp-proxy": "x", "http-proxy": "ftp://x"}}""", out problems);
        Assert.Contains("expected http-proxy, https-proxy or no-proxy", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryOptionIsDeclaredOnce()
    {
        Assert.Equal(OptionTable.All.Count, OptionTable.All.Select(static o => o.Flag).Distinct().Count());
        var letters = OptionTable.All.Where(static o => o.Short is not null).Select(static o => o.Short).ToList();
        Assert.Equal(letters.Count, letters.Distinct().Count());
        var help = OptionReader.Help();
        Assert.All(OptionTable.All.Where(static o => o.OnlyValues is null), option => Assert.Contains($"--{option.Flag}", help, StringComparison.Ordinal));
    }

    /// <summary>Whatever dockerd knows is known here too: accepted, or refused with a sentence of its own.</summary>
    [Theory]
    [InlineData("add-runtime allow-direct-routing authorization-plugin bip bip6 bridge bridge-accept-fwmark cdi-spec-dir cgroup-parent config-file containerd containerd-namespace containerd-plugins-namespace cpu-rt-period cpu-rt-runtime cri-containerd data-root debug default-address-pool default-cgroupns-mode default-gateway default-gateway-v6 default-ipc-mode default-network-opt default-runtime default-shm-size default-stop-timeout default-ulimit dns dns-opt dns-search exec-opt exec-root experimental feature firewall-backend fixed-cidr fixed-cidr-v6 group host host-gateway-ip http-proxy https-proxy icc init init-path insecure-registry ip ip-forward ip-forward-no-drop ip-masq ip6tables iptables ipv6 label live-restore log-driver log-format log-level log-opt max-concurrent-downloads max-concurrent-uploads max-download-attempts metrics-addr mtu network-control-plane-mtu network-diagnostic-port no-new-privileges no-proxy node-generic-resource nri-opts pidfile raw-logs registry-mirror restart rootless seccomp-profile selinux-enabled shutdown-timeout storage-driver storage-opt swarm-default-advertise-addr tls tlscacert tlscert tlskey tlsverify userland-proxy userland-proxy-path userns-remap validate version")]
    public void NoFlagOfDockerdIsUnknown(string flags) =>
        Assert.All(flags.Split(' '), flag => Assert.Contains(OptionTable.All, o => o.Flag == flag));
}
