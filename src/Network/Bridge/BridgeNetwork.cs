using System.Net;
using System.Security.Cryptography;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Network.Addresses;
using Gantry.Network.Namespaces;
using Gantry.Network.Ports;

namespace Gantry.Network.Bridge;

/// <summary>
/// The default bridge of one engine instance: its interface, addresses, namespaces of containers, rules and published ports.
/// Life: Open, Reconcile once with what still runs, then Attach, Publish, Withdraw, Detach; Dispose leaves running
/// containers connected, Remove takes everything away. Thread-safe.
/// </summary>
public sealed class BridgeNetwork : IAsyncDisposable
{
    // A namespace's interfaces go some tens of milliseconds after its last user; one that is still there after this
    // was kept by somebody else's descriptor.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, NetworkEndpoint> _attached = [];
    private readonly Dictionary<string, Publication> _published = [];
    private readonly HashSet<Task> _farewells = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly AddressAllocator _addresses;
    private readonly NetworkThread _thread;
    private readonly BridgeKernel _kernel;
    private readonly EndpointBuilder _builder;
    private readonly WarmEndpoints _warm;
    private volatile bool _isClosed;

    private BridgeNetwork(BridgeOptions options, NetworkThread thread, BridgeKernel kernel)
    {
        (Options, _thread, _kernel) = (options, thread, kernel);
        var bridge = kernel.Interface;
        _addresses = new(bridge.Subnet, bridge.Range, bridge.Address);
        _builder = new(options, bridge, kernel.IsIsolated);
        _warm = new(_builder, () => Locked(_addresses.TryTake), Free, options.WarmEndpoints);
    }

    public BridgeOptions Options { get; }

    /// <summary>What an operator should know: forwarding turned on, another firewall that drops our packets. Sentences.</summary>
    public IReadOnlyList<string> Warnings => _kernel.Warnings;

    /// <summary>The bridge's own address, which is the containers' gateway.</summary>
    public IPAddress Gateway => _kernel.Interface.Address;

    /// <summary>The subnet, as in <c>172.17.0.0/16</c>.</summary>
    public string Subnet => _kernel.Interface.Subnet.ToString();

    public int PrefixLength => _kernel.Interface.Subnet.PrefixLength;

    /// <summary>Whether containers have IPv6.</summary>
    public bool HasIPv6 => _kernel.Interface.Six is not null;

    /// <summary>The IPv6 subnet; null without IPv6.</summary>
    public string? Subnet6 => _kernel.Interface.Six?.Subnet.ToString();

    /// <summary>The bridge's IPv6 address; null without IPv6.</summary>
    public IPAddress? Gateway6 => _kernel.Interface.Six?.Gateway;

    /// <summary>Makes or adopts bridge, rules and settings.</summary>
    /// <exception cref="GantryException">Invalid options; Exhausted: no free subnet; Conflict; Unavailable: libnftables is missing.</exception>
    public static async Task<BridgeNetwork> OpenAsync(BridgeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        var thread = new NetworkThread("gantry-network", options.HostNamespace);
        try
        {
            return new(options, thread, await thread.RunAsync(() => BridgeKernel.Open(options)));
        }
        catch
        {
            thread.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Adopts the endpoints of containers that still run and frees every other one of this instance. Call it once, before
    /// anything is attached; it also begins to keep endpoints warm.
    /// </summary>
    /// <returns>One for each live endpoint, in the same order. An endpoint whose process is gone has no namespace.</returns>
    public async Task<IReadOnlyList<AdoptedEndpoint>> ReconcileAsync(IReadOnlyCollection<LiveEndpoint> live, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(live);
        cancellationToken.ThrowIfCancellationRequested();
        var adopted = new List<AdoptedEndpoint>();
        lock (_gate)
        {
            foreach (var one in live)
            {
                var endpoint = new NetworkEndpoint(one.Record, Open(one.Pid));
                _addresses.Adopt(endpoint.Address);
                _attached[endpoint.EndpointId] = endpoint;
                if (one.Ports.Count > 0)
                    _published[endpoint.EndpointId] = new(endpoint.ContainerId, one.Record, one.Ports);
                adopted.Add(new(endpoint, new(endpoint.ContainerId, one.Ports, [])));
            }
        }

        await _thread.RunAsync(() =>
        {
            foreach (var lost in _kernel.Reconcile(live.Select(one => one.Record.HostInterface).ToHashSet()))
                _kernel.Warn($"the interface {lost} of a running container is gone, so the container has no network; restart it");
            _kernel.Install(AllPorts());
        });
        _warm.Start();
        return adopted;
    }

    /// <summary>Connects a container: namespace, veth pair, address, route.</summary>
    /// <returns>The endpoint; dispose it after <see cref="DetachAsync"/>.</returns>
    /// <exception cref="GantryException">Exhausted: no free address; Conflict: the address asked for is in use; Invalid.</exception>
    public async Task<NetworkEndpoint> AttachAsync(EndpointSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isClosed, this);
        var mac = spec.MacAddress is { Length: > 0 } text ? MacAddress.Parse(text) : null;
        if (mac is null && spec.Address is null && !spec.Later && _warm.TryTake() is { } ready)
            return Attached(spec, ready.HostInterface, ready.Address, ready.Mac, ready.Netns);

        var address = Reserve(spec.Address);
        try
        {
            var (name, own) = (_builder.NewInterfaceName(), mac ?? MacAddress.For(address));
            var netns = spec.Later ? null : await _builder.BuildAsync(name, address, own);
            return Attached(spec, name, address, own, netns);
        }
        catch (SyscallException refused)
        {
            Free(address);
            throw BridgeKernel.Sentence($"connect container {Short(spec.ContainerId)} to the bridge {Options.BridgeName}", refused);
        }
    }

    /// <summary>Connects the network namespace of a process to an endpoint that was attached without one.</summary>
    /// <param name="endpoint">Attached with <see cref="EndpointSpec.Later"/>.</param>
    /// <param name="pid">The process: a container's first, which waits to be started.</param>
    /// <param name="sysctls">Settings of the interface, with slashes, as below /proc/sys.</param>
    /// <exception cref="GantryException">The kernel refused; the sentence says what.</exception>
    public async Task ConnectAsync(NetworkEndpoint endpoint, int pid, IReadOnlyDictionary<string, string> sysctls, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(sysctls);
        cancellationToken.ThrowIfCancellationRequested();
        Fd? netns = null;
        try
        {
            netns = NetworkNamespaces.OpenOfProcess(pid);
            await _builder.ConnectAsync(endpoint.Record.HostInterface, endpoint.Address, MacAddress.Parse(endpoint.MacAddress), netns, sysctls);
            endpoint.Join(netns);
        }
        catch (SyscallException refused)
        {
            netns?.Dispose();
            throw BridgeKernel.Sentence($"connect container {Short(endpoint.ContainerId)} to the bridge {Options.BridgeName}", refused);
        }
    }

    /// <summary>Frees the address and closes the namespace. The interface goes with the namespace's last user. Idempotent.</summary>
    public Task DetachAsync(NetworkEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        lock (_gate)
        {
            if (!_attached.Remove(endpoint.EndpointId))
                return Task.CompletedTask;
            _addresses.Free(endpoint.Address);
        }

        endpoint.Dispose();
        if (!_isClosed)
            Follow(FarewellAsync(endpoint.Record.HostInterface));
        return Task.CompletedTask;
    }

    /// <summary>
    /// Reserves host ports by bound sockets and forwards them to the container. All or none. Call it before the monitor's
    /// create, which takes the sockets.
    /// </summary>
    /// <exception cref="GantryException">Conflict: a port is taken; the sentence names the port and its holder. Exhausted: no ephemeral port is free.</exception>
    public async Task<PublishedPorts> PublishAsync(NetworkEndpoint endpoint, IReadOnlyList<PortRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(requests);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (requests.Count == 0)
            return new(endpoint.ContainerId, [], []);
        foreach (var request in requests)
            request.Check(endpoint.Record.Address6 is not null);
        var reservation = new PortReservation(Options.DefaultHostAddress, hasIPv6: endpoint.Record.Address6 is not null, HolderOf);
        var record = endpoint.Record;
        return await _thread.RunAsync(() =>
        {
            var (ports, sockets) = _kernel.Publish(reservation, requests, port => AddressOf(record, port), AllPorts);
            lock (_gate)
            {
                var before = _published.TryGetValue(endpoint.EndpointId, out var old) ? old.Ports : [];
                _published[endpoint.EndpointId] = new(endpoint.ContainerId, record, [.. before, .. ports]);
            }

            return new PublishedPorts(endpoint.ContainerId, ports, sockets);
        });
    }

    /// <summary>Takes the ports' rules away and closes our sockets. Idempotent.</summary>
    public async Task WithdrawAsync(NetworkEndpoint endpoint, PublishedPorts ports)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(ports);
        List<PublishedPort> mine;
        lock (_gate)
        {
            if (!_published.TryGetValue(endpoint.EndpointId, out var publication))
                return;
            mine = [.. publication.Ports.Intersect(ports.Ports)];
            List<PublishedPort> rest = [.. publication.Ports.Except(mine)];
            if (rest.Count == 0)
                _published.Remove(endpoint.EndpointId);
            else
                _published[endpoint.EndpointId] = publication with { Ports = rest };
        }

        try
        {
            // A closed network leaves its rules to the next engine's reconciliation.
            mine.RemoveAll(port => port.IsRelayed);
            if (mine.Count > 0 && !_isClosed)
                await _thread.RunAsync(() => _kernel.Withdraw([.. mine.Select(port => (port, AddressOf(endpoint.Record, port)))], AllPorts));
        }
        finally
        {
            ports.Dispose();
        }
    }

    /// <summary>A namespace with nothing but a loopback interface, for <c>--network none</c>. The caller disposes it.</summary>
    public async Task<Fd> TakeLoopbackNamespaceAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return _warm.TryTakeLoopback() ?? await NetworkNamespaces.CreateLoopbackAsync();
        }
        catch (SyscallException refused)
        {
            throw BridgeKernel.Sentence("make a network namespace", refused);
        }
    }

    /// <summary>Waits until the warm endpoints are there and the interfaces of detached ones are gone.</summary>
    public async Task SettleAsync()
    {
        Task[] farewells;
        lock (_gate)
            farewells = [.. _farewells];
        await Task.WhenAll([_warm.SettleAsync(), .. farewells]);
    }

    /// <summary>Removes everything of this instance from the kernel: rules, interfaces, bridge. Nothing can be done with it afterwards.</summary>
    public Task RemoveAsync() => CloseAsync(remove: true);

    /// <summary>The same for a network that was disposed of while containers were attached, and will not be opened again.</summary>
    public static async Task RemoveTracesAsync(BridgeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var thread = new NetworkThread("gantry-network", options.HostNamespace);
        await thread.RunAsync(() => BridgeKernel.RemoveTraces(options));
    }

    /// <summary>Frees what no container uses: the warm endpoints, and when nothing is attached, rules and bridge as well.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync(remove: false);

    private static string Short(string containerId) => containerId.Length > 12 ? containerId[..12] : containerId;

    private static Fd? Open(int? pid)
    {
        try
        {
            return pid is { } number ? NetworkNamespaces.OpenOfProcess(number) : null;
        }
        catch (SyscallException)
        {
            return null; // it ended since; the engine will learn of it from its monitor
        }
    }

    private async Task CloseAsync(bool remove)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
        }

        await _closing.CancelAsync();
        await SettleAsync();
        var left = await _warm.CloseAsync();
        try
        {
            await _thread.RunAsync(() =>
            {
                if (remove || Locked(() => _attached.Count == 0))
                {
                    _kernel.Remove();
                    return;
                }

                foreach (var name in left)
                    _kernel.EnsureGone(name);
            });
        }
        finally
        {
            await _thread.RunAsync(_kernel.Dispose);
            _thread.Dispose();
            _closing.Dispose();
            foreach (var endpoint in _attached.Values)
                endpoint.Dispose();
        }
    }

    private NetworkEndpoint Attached(EndpointSpec spec, string hostInterface, IPAddress address, byte[] mac, Fd? netns)
    {
        var endpoint = new NetworkEndpoint(
            new()
            {
                EndpointId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)),
                ContainerId = spec.ContainerId,
                Address = address.ToString(),
                PrefixLength = PrefixLength,
                Gateway = Gateway.ToString(),
                MacAddress = MacAddress.Format(mac),
                HostInterface = hostInterface,
                Address6 = _kernel.Interface.Six?.AddressFor(address, _kernel.Interface.Subnet).ToString(),
                PrefixLength6 = _kernel.Interface.Six?.PrefixLength ?? 0,
                Gateway6 = Gateway6?.ToString(),
            },
            netns);
        lock (_gate)
            _attached.Add(endpoint.EndpointId, endpoint);
        return endpoint;
    }

    private IPAddress Reserve(IPAddress? wanted)
    {
        if (wanted is null)
            return Locked(_addresses.Take);
        if (_warm.TryGiveUp(wanted) is { } given)
        {
            given.Netns.Dispose();
            Follow(FarewellAsync(given.HostInterface));
            return wanted;
        }

        return Locked(() =>
        {
            _addresses.Take(wanted);
            return wanted;
        });
    }

    private void Free(IPAddress address)
    {
        lock (_gate)
            _addresses.Free(address);
    }

    // Deleting at once would hold up everybody's attaching for some 20 ms; a namespace that ends takes its interfaces with it.
    private async Task FarewellAsync(string hostInterface)
    {
        try
        {
            await Task.Delay(s_patience, _closing.Token);
        }
        catch (OperationCanceledException)
        {
            // Closing: see to it now.
        }

        await _thread.RunAsync(() => _kernel.EnsureGone(hostInterface));
    }

    private void Follow(Task farewell)
    {
        lock (_gate)
            _farewells.Add(farewell);
        _ = farewell.ContinueWith(
            done =>
            {
                lock (_gate)
                    _farewells.Remove(done);
            },
            TaskScheduler.Default);
    }

    private string? HolderOf(string protocol, IPAddress address, int port)
    {
        lock (_gate)
        {
            foreach (var publication in _published.Values)
            {
                if (publication.Ports.Any(held => held.Protocol == protocol && held.HostPort == port && Overlaps(held.HostAddress, address)))
                    return $"container {Options.ContainerName?.Invoke(publication.ContainerId) ?? Short(publication.ContainerId)}";
            }
        }

        return null;
    }

    private static bool Overlaps(string held, IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
        ? held == "::" || (held.Contains(':', StringComparison.Ordinal) && address.Equals(IPAddress.IPv6Any)) || held == address.ToString()
        : held == "0.0.0.0" || (!held.Contains(':', StringComparison.Ordinal) && address.Equals(IPAddress.Any)) || held == address.ToString();

    // A port of IPv6 is only published where the container has an address of it; one that was adopted from before has.
    private static string AddressOf(EndpointRecord record, PublishedPort port) => port.IsIPv6 ? record.Address6 ?? "::" : record.Address;

    private List<(PublishedPort Port, string Container)> AllPorts() =>
        Locked(() => _published.Values.SelectMany(publication => publication.Ports.Where(port => !port.IsRelayed).Select(port => (port, AddressOf(publication.Endpoint, port)))).ToList());

    private T Locked<T>(Func<T> work)
    {
        lock (_gate)
            return work();
    }

    private sealed record Publication(string ContainerId, EndpointRecord Endpoint, IReadOnlyList<PublishedPort> Ports);
}
