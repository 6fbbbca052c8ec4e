using System.Collections.Concurrent;
using System.Text.Json;

namespace Gantry.Client;

/// <summary>Does what the engine asks for among the events of a build: each order is carried out by the thread that writes the body.</summary>
internal sealed class BuildFilesSender(IBuildFiles files) : IDisposable
{
    private readonly BlockingCollection<Action<Stream>> _orders = [];

    /// <summary>Takes an event; false: it is no order.</summary>
    public bool TryTake(JsonElement happening)
    {
        if (!happening.TryGetProperty("send", out var order))
            return false;
        if (order.TryGetProperty("listing", out var listing))
        {
            var (name, excludes, follow) = (listing.GetProperty("name").GetString()!, Texts(listing, "excludes"), Texts(listing, "followPaths"));
            _orders.Add(body => files.WriteListing(name, excludes, follow, body));
        }
        else if (order.TryGetProperty("files", out var places))
        {
            int[] wanted = [.. places.EnumerateArray().Select(static place => place.GetInt32())];
            _orders.Add(body => files.WriteFiles(wanted, body));
        }

        return true;
    }

    /// <summary>Carries orders out until there will be no more.</summary>
    public void Write(Stream body)
    {
        foreach (var order in _orders.GetConsumingEnumerable())
            order(body);
    }

    /// <summary>There are no more orders.</summary>
    public void End() => _orders.CompleteAdding();

    public void Dispose() => _orders.Dispose();

    private static string[] Texts(JsonElement order, string name) => [.. order.GetProperty(name).EnumerateArray().Select(static text => text.GetString()!)];
}
