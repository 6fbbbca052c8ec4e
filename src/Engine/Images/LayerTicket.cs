using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>One pull's part in a layer's fetch.</summary>
internal sealed class LayerTicket(LayerFetches fetches, LayerFetch fetch, Action<ImageProgress> progress) : IAsyncDisposable
{
    private bool _left;

    /// <summary>The verified layer; valid until the ticket is disposed.</summary>
    public Task<UnpackedLayer> Layer => fetch.Layer;

    public async ValueTask DisposeAsync()
    {
        if (_left)
            return;
        _left = true;
        await fetches.LeaveAsync(fetch, progress);
    }
}
