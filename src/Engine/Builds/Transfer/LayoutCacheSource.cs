using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>A cache in a directory that the client sent: an OCI image layout (<c>type=local</c>). What is in it is hostile.</summary>
/// <param name="directory">Where it lies.</param>
/// <param name="name">What the client calls it.</param>
/// <param name="tag">Which of its manifests, where no digest says.</param>
/// <param name="digest">Which of its manifests; null: the tag's.</param>
internal sealed class LayoutCacheSource(ContentStore content, string directory, string name, string tag, Digest? digest) : ICacheSource
{
    private const string TagAnnotation = "org.opencontainers.image.ref.name";
    private const int BufferBytes = 128 << 10;

    public string Name => name;

    public Task<CacheDocument?> ReadAsync(CancellationToken cancellationToken) => Operations.Threads.RunAsync(() =>
    {
        using var root = Files.Open(directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        var manifest = digest ?? Tagged(root);
        var document = CacheManifests.FindConfig(Read(root, manifest, ImageDocuments.LargestManifest));
        return document is null ? null : CacheDocument.Read(Read(root, document.Digest, CacheDocument.Largest));
    });

    public Task FetchAsync(CacheLayer layer, Lease lease, CancellationToken cancellationToken) => Operations.Threads.RunAsync(() =>
    {
        lease.Hold(layer.Blob);
        if (content.Blobs.Contains(layer.Blob))
            return;
        using var root = Files.Open(directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        var failed = SafePath.TryOpenInRoot(root, PathOf(layer.Blob), OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC, 0, out var file);
        if (failed < 0)
            throw Missing(layer.Blob);
        using (file)
        {
            if (Inodes.Status(file, Inodes.Empty, out var status) < 0 || !status.IsRegular)
                throw Missing(layer.Blob);
            using var ingest = content.Blobs.Receive(layer.Blob, layer.SizeBytes, lease);
            var buffer = new byte[BufferBytes];
            for (long offset = 0; Inodes.ReadAt(file!, buffer, offset) is > 0 and var read; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ingest.Write(buffer.AsSpan(0, read));
            }

            ingest.Commit();
        }
    });

    private static string PathOf(Digest blob) => $"blobs/{blob.Algorithm}/{blob.Hex}";

    private Digest Tagged(Fd root)
    {
        var index = ImageDocuments.ReadIndex(SafePath.FindContent(root, "index.json", ImageDocuments.LargestManifest) ?? throw GantryException.Of(ErrorKind.NotFound, $"{name} has no index.json: it is no OCI layout"));
        var found = index.Manifests.FirstOrDefault(m => m.Annotations?.GetValueOrDefault(TagAnnotation) == tag)
            ?? throw GantryException.Of(ErrorKind.NotFound, $"{name} has no cache with the tag \"{tag}\": it has {string.Join(", ", index.Manifests.Select(m => m.Annotations?.GetValueOrDefault(TagAnnotation) ?? m.Digest.ToString()))}");
        return found.Digest;
    }

    private ReadOnlyMemory<byte> Read(Fd root, Digest blob, int limit) => CacheManifests.Verify(blob, SafePath.FindContent(root, PathOf(blob), limit) ?? throw Missing(blob));

    private GantryException Missing(Digest blob) => GantryException.Of(ErrorKind.NotFound, $"{name} lacks {blob}");
}
