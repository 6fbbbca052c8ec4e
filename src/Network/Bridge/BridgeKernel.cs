using System.Net;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Netlink;
using Gantry.Kernel.Nftables;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Network.Ports;

namespace Gantry.Network.Bridge;

/// <summary>
/// The kernel work of a bridge: interface, rules, ports. Everything here runs on one thread that stands in the host's
/// namespace, so sockets and libnftables need no lock. Errors of calls become sentences here.
/// </summary>
internal sealed class BridgeKernel : IDisposable
{
    private const byte Udp = 17;

    private readonly BridgeOptions _options;
    private readonly RouteSocket _host;
    private readonly NftablesContext _nftables;

    private BridgeKernel(BridgeOptions options, RouteSocket host, NftablesContext nftables, BridgeInterface bridge, IReadOnlyList<string> warnings)
    {
        (_options, _host, _nftables, Interface, Warnings) = (options, host, nftables, bridge, warnings);
        Rules = new(options, bridge);
    }

    public BridgeInterface Interface { get; }

    /// <summary>Sentences for an operator; replaced as a whole when one is added.</summary>
    public IReadOnlyList<string> Warnings { get; private set; }

    /// <summary>
    /// Whether ports of the bridge have to be kept apart by the bridge itself: netfilter sees bridged packets only where
    /// bridge-nf-call-iptables is on, and where it is, isolation would keep a container from another's published port.
    /// </summary>
    public bool IsIsolated { get; private init; }

    private FamilyRules Rules { get; }

    /// <summary>Makes or adopts bridge and table.</summary>
    public static BridgeKernel Open(BridgeOptions options) => Translated($"set up the bridge {options.BridgeName}", () =>
    {
        BridgeInterface.Validate(options, out _);
        var nftables = NftablesContext.Open();
        RouteSocket? host = null;
        var made = false;
        try
        {
            host = RouteSocket.Open();
            made = host.FindLink(options.BridgeName) is null;
            var bridge = BridgeInterface.Ensure(options, host);
            var kernel = new BridgeKernel(options, host, nftables, bridge, [.. bridge.Warnings, .. ForeignWarnings(options)])
            {
                IsIsolated = !options.InterContainer && Namespaces.Sysctls.Read("net/bridge/bridge-nf-call-iptables") is not "1",
            };
            // The table of an earlier engine serves its containers until they are reconciled.
            if (!nftables.TryRun($"list table ip {options.TableName}").Succeeded || (bridge.Six is not null && !nftables.TryRun($"list table ip6 {options.TableName}").Succeeded))
                kernel.Run(kernel.Rules.Install([]), "install its firewall table");
            if (bridge.Six is null)
                RemoveRules6(options, nftables);
            return kernel;
        }
        catch
        {
            if (made)
                host?.DeleteLink(options.BridgeName);
            host?.Dispose();
            nftables.Dispose();
            throw;
        }
    });

    /// <summary>Adds a warning. On this object's thread.</summary>
    public void Warn(string sentence) => Warnings = [.. Warnings, sentence];

    /// <summary>Makes the table anew with these ports.</summary>
    public void Install(IReadOnlyCollection<(PublishedPort Port, string Container)> ports) =>
        Translated($"set up the bridge {_options.BridgeName}", () => Run(Rules.Install(ports), "install its firewall table"));

    /// <summary>Binds ports, adds their rules, listens. All or nothing.</summary>
    /// <param name="reservation">Binds them.</param>
    /// <param name="requests">What to publish.</param>
    /// <param name="container">The container's address for a port.</param>
    /// <param name="others">Every other published port, in case the table is gone and must be made anew.</param>
    public (List<PublishedPort> Ports, List<Fd> Sockets) Publish(
        PortReservation reservation,
        IReadOnlyList<PortRequest> requests,
        Func<PublishedPort, string> container,
        Func<IEnumerable<(PublishedPort Port, string Container)>> others) => Translated("publish ports", () =>
    {
        var (ports, sockets) = reservation.Bind(requests);
        try
        {
            var mine = ports.Where(port => !port.IsRelayed).Select(port => (port, container(port))).ToList();
            if (mine.Count > 0 && !_nftables.TryRun(Rules.Add(mine)).Succeeded)
                Run(Rules.Install([.. others(), .. mine]), "add the ports to its firewall table");
            try
            {
                reservation.Listen(ports, sockets);
                ForgetUdp(mine, false);
            }
            catch
            {
                _nftables.TryRun(Rules.Delete(mine));
                throw;
            }
        }
        catch
        {
            sockets.ForEach(socket => socket.Dispose());
            throw;
        }

        return (ports, sockets);
    });

    /// <summary>Takes ports' rules away.</summary>
    /// <param name="ports">The ports, each with the container's address.</param>
    /// <param name="others">Every port that stays.</param>
    public void Withdraw(IReadOnlyList<(PublishedPort Port, string Container)> ports, Func<IEnumerable<(PublishedPort Port, string Container)>> others) =>
        Translated("withdraw ports", () =>
        {
            if (_options.AllowDirectRouting || !_nftables.TryRun(Rules.Delete(ports)).Succeeded)
                Run(Rules.Install([.. others()]), "remove the ports from its firewall table");
            ForgetUdp(ports, true);
        });

    /// <summary>Removes interfaces of this instance that are not among the live, and puts the live back on the bridge.</summary>
    /// <param name="live">Names of the host's ends that must stay.</param>
    /// <returns>The live ones that do not exist.</returns>
    public IReadOnlyList<string> Reconcile(IReadOnlySet<string> live) => Translated($"reconcile the bridge {_options.BridgeName}", () =>
    {
        var links = _host.Links();
        foreach (var link in links.Where(IsOurs))
        {
            if (!live.Contains(link.Name))
                _host.DeleteLink(link.Name);
            else if (link.Master != Interface.Index || !link.IsUp)
                _host.Enslave(link.Name, Interface.Index, IsIsolated);
        }

        return live.Except(links.Select(link => link.Name)).ToList();
    });

    /// <summary>Removes an interface that should have gone with its namespace.</summary>
    public void EnsureGone(string hostInterface)
    {
        try
        {
            if (_host.FindLink(hostInterface) is not null)
                _host.DeleteLink(hostInterface);
        }
        catch (SyscallException refused)
        {
            // Nobody waits for this, and the next engine's start removes what is left.
            Warn($"the interface {hostInterface} of a removed container could not be removed: {refused.Message}");
        }
    }

    /// <summary>Removes table, interfaces and bridge.</summary>
    public void Remove() => Remove(_options, _host, _nftables);

    /// <summary>The same for a bridge that nobody has open; makes nothing first.</summary>
    public static void RemoveTraces(BridgeOptions options)
    {
        using var nftables = NftablesContext.Open();
        using var host = RouteSocket.Open();
        Remove(options, host, nftables);
    }

    public void Dispose()
    {
        _nftables.Dispose();
        _host.Dispose();
    }

    private static void Remove(BridgeOptions options, RouteSocket host, NftablesContext nftables) => Translated($"remove the bridge {options.BridgeName}", () =>
    {
        Run(nftables, new BridgeRules(options, "").Remove(), "remove its firewall table");
        RemoveRules6(options, nftables);
        foreach (var link in host.Links().Where(link => IsOurs(options, link)))
            host.DeleteLink(link.Name);
        host.DeleteLink(options.BridgeName);
    });

    // Of an engine that had IPv6; a kernel without knows no such table.
    private static void RemoveRules6(BridgeOptions options, NftablesContext nftables) => nftables.TryRun(new BridgeRules(options, "", isIPv6: true).Remove());

    private static IReadOnlyList<string> ForeignWarnings(BridgeOptions options)
    {
        using var json = NftablesContext.Open(json: true);
        var (succeeded, output, _) = json.TryRun("list chains");
        return succeeded && output.Length > 0 ? ForeignFirewall.Warnings(output, options) : [];
    }

    private static void Translated(string what, Action work) => Translated(what, () =>
    {
        work();
        return true;
    });

    private static T Translated<T>(string what, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SyscallException refused)
        {
            throw Sentence(what, refused);
        }
    }

    /// <summary>The sentence for a refused call.</summary>
    public static GantryException Sentence(string what, SyscallException refused)
    {
        var remedy = refused.Number == Kernel.Abi.Errno.EPERM ? "; the engine needs CAP_NET_ADMIN and CAP_SYS_ADMIN: run it as root" : "";
        var kind = refused.Number == Kernel.Abi.Errno.EPERM ? ErrorKind.Forbidden : ErrorKind.Internal;
        return GantryException.Of(kind, $"cannot {what}: {refused.Call} {refused.Subject}: {Kernel.Abi.Errno.Text(refused.Number)} ({Kernel.Abi.Errno.Name(refused.Number)}){remedy}", cause: refused);
    }

    private bool IsOurs(NetworkLink link) => IsOurs(_options, link);

    private static bool IsOurs(BridgeOptions options, NetworkLink link) => link.Kind == "veth" && link.Name.StartsWith(options.InterfacePrefix, StringComparison.Ordinal);

    private static void ForgetUdp(IReadOnlyList<(PublishedPort Port, string Container)> ports, bool withContainers)
    {
        foreach (var group in ports.Where(static port => port.Port.Protocol == "udp").GroupBy(static port => (port.Port.IsIPv6, port.Container)))
        {
            using var conntrack = ConntrackSocket.Open();
            conntrack.Forget(Udp, group.Select(static port => port.Port.HostPort).ToHashSet(), withContainers ? IPAddress.Parse(group.Key.Container) : null, group.Key.IsIPv6);
        }
    }

    private void Run(string commands, string what) => Run(_nftables, commands, what);

    private static void Run(NftablesContext nftables, string commands, string what)
    {
        var (succeeded, _, error) = nftables.TryRun(commands);
        if (!succeeded)
            throw GantryException.Of(ErrorKind.Internal, $"cannot {what}: nftables says: {error.Trim().ReplaceLineEndings(" ")}");
    }
}
