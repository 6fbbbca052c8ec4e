using System.Buffers;
using System.Security.Cryptography;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Engine.Builds;

/// <summary>A cache that becomes a directory of the client's: an OCI image layout (<c>type=local</c>). Disposing removes what is left of it here.</summary>
internal sealed class LayoutCacheTarget(string directory, string tag, BuildOutput output, IBuildSession session) : ICacheTarget
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public Task<bool> HasAsync(Descriptor blob, CancellationToken cancellationToken) => Task.FromResult(File.Exists(PathOf(blob.Digest)));

    public async Task PutAsync(Descriptor blob, Func<Stream> open, CancellationToken cancellationToken)
    {
        if (File.Exists(PathOf(blob.Digest)))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(blob.Digest))!, Private);
        await using var from = open();
        await using var to = new FileStream(PathOf(blob.Digest), FileMode.Create, FileAccess.Write);
        await from.CopyToAsync(to, cancellationToken);
    }

    public async Task FinishAsync(string mediaType, byte[] manifest, CancellationToken cancellationToken)
    {
        var descriptor = new Descriptor
        {
            MediaType = mediaType,
            Digest = Digest.OfSha256(SHA256.HashData(manifest)),
            Size = manifest.Length,
            Annotations = new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = tag },
        };
        await PutAsync(descriptor, () => new MemoryStream(manifest), cancellationToken);
        var index = new ArrayBufferWriter<byte>();
        ImageDocuments.Write(index, new ImageIndex { MediaType = MediaTypes.OciIndex, Manifests = [descriptor] });
        await File.WriteAllBytesAsync(Path.Combine(directory, "index.json"), index.WrittenMemory, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(directory, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""", cancellationToken);
        await session.SendDirectoryAsync(output, directory, cancellationToken);
    }

    public void Dispose() => Trees.TryRemove(directory);

    private string PathOf(Digest blob) => Path.Combine(directory, "blobs", blob.Algorithm, blob.Hex);
}
