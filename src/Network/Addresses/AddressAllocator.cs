using System.Net;
using Gantry.Model;

namespace Gantry.Network.Addresses;

/// <summary>
/// Hands out a subnet's addresses one after another and comes back to a freed one only after going round, so that a
/// neighbour's caches and an old connection do not meet a new container. Not thread-safe.
/// </summary>
public sealed class AddressAllocator
{
    private readonly HashSet<uint> _taken = [];
    private readonly Subnet _subnet;
    private readonly uint _first;
    private readonly uint _last;
    private uint _next;

    /// <param name="subnet">The network's subnet.</param>
    /// <param name="range">Part of it to hand out from; the whole of it by default.</param>
    /// <param name="gateway">The bridge's address, never handed out.</param>
    public AddressAllocator(Subnet subnet, Subnet? range, IPAddress gateway)
    {
        var from = range ?? subnet;
        _subnet = subnet;
        _first = Math.Max(from.Network, subnet.Network + 1);
        _last = Math.Min(from.Last, subnet.Last - 1);
        _next = _first;
        _taken.Add(Subnet.ToNumber(gateway));
    }

    /// <summary>Takes the next free address of the range.</summary>
    /// <exception cref="GantryException">Exhausted: all are taken.</exception>
    public IPAddress Take() => TryTake() ?? throw GantryException.Of(
        ErrorKind.Exhausted,
        $"no available IPv4 addresses on this network's address pools: all of {_subnet} are in use; remove containers that are no longer needed, or give the bridge a larger subnet with --bip");

    /// <summary>Takes the next free address; null when all are taken.</summary>
    public IPAddress? TryTake()
    {
        if (_last < _first)
            return null;
        var size = (ulong)(_last - _first) + 1;
        for (ulong step = 0; step < size; step++)
        {
            var candidate = _first + (uint)((_next - _first + step) % size);
            if (_taken.Add(candidate))
            {
                _next = candidate == _last ? _first : candidate + 1;
                return Subnet.ToAddress(candidate);
            }
        }

        return null;
    }

    /// <summary>Takes a particular address, anywhere in the subnet.</summary>
    /// <exception cref="GantryException">Conflict: it is taken; Invalid: it is no host's address in this subnet.</exception>
    public void Take(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!IsUsable(address))
            throw GantryException.Of(ErrorKind.Invalid, $"invalid address {address}: it does not belong to the network's subnet {_subnet}");
        if (!_taken.Add(Subnet.ToNumber(address)))
            throw GantryException.Of(ErrorKind.Conflict, $"Address already in use: {address} belongs to another container or to the bridge itself");
    }

    /// <summary>Marks an address that a live container has, wherever it is from.</summary>
    public void Adopt(IPAddress address) => _taken.Add(Subnet.ToNumber(address));

    /// <summary>Gives an address back.</summary>
    public void Free(IPAddress address) => _taken.Remove(Subnet.ToNumber(address));

    private bool IsUsable(IPAddress address)
    {
        if (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
            return false;
        var number = Subnet.ToNumber(address);
        return _subnet.Contains(number) && number != _subnet.Network && number != _subnet.Last;
    }
}
