using Gantry.Distribution;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>
/// Downloads of layers under way. Whoever wants a layer that somebody is fetching joins; the last one to leave an
/// unfinished fetch ends it.
/// </summary>
internal sealed class LayerFetches(ImageRoom room, int mostDownloads)
{
    private readonly Dictionary<(Digest Blob, Digest DiffId), LayerFetch> _underWay = [];
    private readonly Lock _lock = new();

    /// <summary>How many are downloaded at a time.</summary>
    public DownloadSlots Slots { get; } = new(mostDownloads);

    /// <summary>Begins or joins a fetch. Dispose the ticket when the layer is in its place, or not wanted any more.</summary>
    /// <param name="lease">Holds the blob already.</param>
    public LayerTicket Join(IImageSource source, Descriptor blob, Digest diffId, Lease lease, Action<ImageProgress> progress)
    {
        lock (_lock)
        {
            var key = (blob.Digest, diffId);
            if (!_underWay.TryGetValue(key, out var fetch))
            {
                fetch = new(room, Slots, blob, diffId);
                _underWay.Add(key, fetch);
            }

            // Before it begins: a small layer may be there a moment later.
            fetch.Listen(progress);
            if (fetch.Users++ == 0)
                fetch.Begin(source, lease);
            return new(this, fetch, progress);
        }
    }

    internal async ValueTask LeaveAsync(LayerFetch fetch, Action<ImageProgress> progress)
    {
        fetch.Unlisten(progress);
        lock (_lock)
        {
            if (--fetch.Users > 0)
                return;
            _underWay.Remove((fetch.Blob.Digest, fetch.DiffId));
        }

        await fetch.DisposeAsync();
    }
}
