using System.Diagnostics;
using Gantry.Distribution;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>One layer on its way: downloaded, verified, and unpacked while it comes.</summary>
internal sealed class LayerFetch(ImageRoom room, DownloadSlots slots, Descriptor blob, Digest diffId) : IAsyncDisposable
{
    // What people can see; more only costs.
    private static readonly TimeSpan s_betweenReports = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private readonly List<Action<ImageProgress>> _listeners = [];
    private ImageProgress? _latest;
    private long _reported;

    public Descriptor Blob => blob;

    public Digest DiffId => diffId;

    /// <summary>How many pulls wait for it; guarded by <see cref="LayerFetches"/>.</summary>
    public int Users { get; set; }

    public Task<UnpackedLayer> Layer { get; private set; } = null!;

    public void Begin(IImageSource source, Lease lease) => Layer = RunAsync(source, lease, _ending.Token);

    public void Listen(Action<ImageProgress> listener)
    {
        lock (_lock)
        {
            _listeners.Add(listener);
            if (_latest is not null)
                listener(_latest);
        }
    }

    public void Unlisten(Action<ImageProgress> listener)
    {
        lock (_lock)
            _listeners.Remove(listener);
    }

    /// <summary>Ends the fetch; afterwards nothing of an unfinished one is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        try
        {
            // What was not put into its place is removed.
            (await Layer).Dispose();
        }
        catch (Exception e) when (e is GantryException or OperationCanceledException or IOException)
        {
            // Whoever waited was told.
        }

        _ending.Dispose();
    }

    private async Task<UnpackedLayer> RunAsync(IImageSource source, Lease lease, CancellationToken cancellationToken)
    {
        Report("Pulling fs layer");
        // Held until the blob is whole: a pull that began the fetch may leave before others that joined.
        lease.Hold(blob.Digest);
        if (room.Content.Blobs.Contains(blob.Digest))
            return await room.Content.Layers.UnpackAsync(diffId, room.Content.Blobs.Open(blob.Digest), Extracting, cancellationToken);
        if (slots.IsFull)
            Report("Waiting");
        await slots.WaitAsync(cancellationToken);
        Task<UnpackedLayer> unpacking;
        var ingest = room.Content.Blobs.Receive(blob.Digest, blob.Size, lease);
        try
        {
            try
            {
                unpacking = room.Content.Layers.UnpackAsync(diffId, ingest.Follow(), Extracting, cancellationToken);
                await DownloadAsync(source, ingest, unpacking, cancellationToken);
            }
            finally
            {
                slots.Release();
            }

            return await unpacking;
        }
        finally
        {
            ingest.Dispose();
        }
    }

    private async Task DownloadAsync(IImageSource source, BlobIngest ingest, Task<UnpackedLayer> unpacking, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var downloading = ReceiveAsync(source, ingest, stopping.Token);
        try
        {
            // An archive that must be refused need not be downloaded to its end.
            if (await Task.WhenAny(downloading, unpacking) == unpacking && !unpacking.IsCompletedSuccessfully)
                await stopping.CancelAsync();
            await downloading;
        }
        catch (Exception e)
        {
            ingest.Fail(e);
            var unpacked = await Settle(unpacking);
            unpacked?.Dispose();
            // Of two failures the one that came first is the cause.
            if (unpacking.Exception?.InnerException is GantryException first && e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw GantryException.Of(first.Kind, first.Message, cause: first);
            throw;
        }
    }

    private async Task ReceiveAsync(IImageSource source, BlobIngest ingest, CancellationToken cancellationToken)
    {
        await source.DownloadAsync(
            blob,
            bytes =>
            {
                ingest.Write(bytes.Span);
                Report("Downloading", ingest.Written);
            },
            cancellationToken);
        Report("Verifying Checksum");
        // The sync is the disk's time; a thread of its own waits for it.
        await Task.Factory.StartNew(ingest.Commit, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Report("Download complete");
    }

    private static async Task<UnpackedLayer?> Settle(Task<UnpackedLayer> unpacking)
    {
        try
        {
            return await unpacking;
        }
        catch (Exception e) when (e is GantryException or OperationCanceledException or IOException)
        {
            return null;
        }
    }

    // While the download goes on its own bytes are what is shown.
    private void Extracting(long bytes)
    {
        if (_latest?.Status is "Download complete" or "Extracting" or "Pulling fs layer")
            Report("Extracting", bytes);
    }

    private void Report(string status, long? current = null)
    {
        if (current is not null)
        {
            var last = Interlocked.Read(ref _reported);
            if (last != 0 && Stopwatch.GetElapsedTime(last) < s_betweenReports && current < blob.Size)
                return;
            Interlocked.Exchange(ref _reported, Stopwatch.GetTimestamp());
        }

        var progress = new ImageProgress { Id = blob.Digest.Short, Status = status, Current = current, Total = current is null ? null : blob.Size };
        lock (_lock)
        {
            _latest = progress;
            foreach (var listener in _listeners)
                listener(progress);
        }
    }
}
