using System.Net;
using Gantry.Kernel.Fds;
using Gantry.Model;
using Gantry.Network.Addresses;
using Gantry.Network.Namespaces;

namespace Gantry.Network.Bridge;

/// <summary>An endpoint that waits for its container: everything is done but to say whose it is.</summary>
internal sealed record WarmEndpoint(string HostInterface, IPAddress Address, byte[] Mac, Fd Netns);

/// <summary>
/// Keeps endpoints and loopback namespaces ready. They are made in the background, one at a time, as soon as one was
/// taken. Thread-safe.
/// </summary>
/// <param name="builder">Makes them.</param>
/// <param name="take">Takes an address; null when none is to spare.</param>
/// <param name="free">Gives an address back.</param>
/// <param name="target">How many endpoints to keep.</param>
internal sealed class WarmEndpoints(EndpointBuilder builder, Func<IPAddress?> take, Action<IPAddress> free, int target)
{
    private readonly Lock _gate = new();
    private readonly Queue<WarmEndpoint> _ready = [];
    private readonly Queue<Fd> _loopbacks = [];
    private Task _filling = Task.CompletedTask;
    private bool _isFilling;
    private bool _isClosed;
    private bool _isWanted;

    /// <summary>A ready endpoint, or null. Its address is the taker's to free.</summary>
    public WarmEndpoint? TryTake()
    {
        lock (_gate)
        {
            _ready.TryDequeue(out var endpoint);
            Fill();
            return endpoint;
        }
    }

    /// <summary>A ready loopback namespace, or null.</summary>
    public Fd? TryTakeLoopback()
    {
        lock (_gate)
        {
            _loopbacks.TryDequeue(out var netns);
            Fill();
            return netns;
        }
    }

    /// <summary>Gives up the ready endpoint with this address, so that somebody who asked for it can have it.</summary>
    /// <returns>The endpoint, now the caller's; null when none has it.</returns>
    public WarmEndpoint? TryGiveUp(IPAddress address)
    {
        lock (_gate)
        {
            var given = _ready.FirstOrDefault(endpoint => endpoint.Address.Equals(address));
            if (given is null)
                return null;
            var rest = _ready.Where(endpoint => endpoint != given).ToList();
            _ready.Clear();
            rest.ForEach(_ready.Enqueue);
            return given;
        }
    }

    /// <summary>Begins to fill in the background, if that isn't going on.</summary>
    public void Start()
    {
        lock (_gate)
            Fill();
    }

    /// <summary>Waits until nothing is being made.</summary>
    public Task SettleAsync()
    {
        lock (_gate)
            return _filling;
    }

    /// <summary>Stops and frees what is ready.</summary>
    /// <returns>The host's interfaces that go with them.</returns>
    public async Task<IReadOnlyList<string>> CloseAsync()
    {
        Task filling;
        lock (_gate)
        {
            _isClosed = true;
            filling = _filling;
        }

        await filling;
        lock (_gate)
        {
            var interfaces = _ready.Select(endpoint => endpoint.HostInterface).ToList();
            foreach (var endpoint in _ready)
            {
                endpoint.Netns.Dispose();
                free(endpoint.Address);
            }

            foreach (var netns in _loopbacks)
                netns.Dispose();
            _ready.Clear();
            _loopbacks.Clear();
            return interfaces;
        }
    }

    private void Fill()
    {
        _isWanted = true;
        if (_isClosed || _isFilling || target == 0)
            return;
        _isFilling = true;
        _filling = Task.Run(FillAsync);
    }

    private async Task FillAsync()
    {
        while (true)
        {
            bool wantsEndpoint, wantsLoopback;
            lock (_gate)
            {
                _isWanted = false;
                (wantsEndpoint, wantsLoopback) = (_ready.Count < target, _loopbacks.Count < target);
                if (_isClosed || (!wantsEndpoint && !wantsLoopback))
                {
                    _isFilling = false;
                    return;
                }
            }

            var made = wantsEndpoint && await TryMakeEndpointAsync();
            made |= wantsLoopback && await TryMakeLoopbackAsync();
            lock (_gate)
            {
                // What cannot be made now is made, or refused in words, when somebody asks for it.
                if (!made && !_isWanted)
                {
                    _isFilling = false;
                    return;
                }
            }
        }
    }

    private async Task<bool> TryMakeEndpointAsync()
    {
        if (take() is not { } address)
            return false;
        try
        {
            var (name, mac) = (builder.NewInterfaceName(), MacAddress.For(address));
            var netns = await builder.BuildAsync(name, address, mac);
            lock (_gate)
                _ready.Enqueue(new(name, address, mac, netns));
            return true;
        }
        catch (Exception refused) when (refused is Kernel.Sys.SyscallException or GantryException)
        {
            free(address);
            return false;
        }
    }

    private async Task<bool> TryMakeLoopbackAsync()
    {
        try
        {
            var netns = await NetworkNamespaces.CreateLoopbackAsync();
            lock (_gate)
                _loopbacks.Enqueue(netns);
            return true;
        }
        catch (Kernel.Sys.SyscallException)
        {
            return false;
        }
    }
}
