using System.Buffers;
using System.Security.Cryptography;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Store;

/// <summary>Content by digest, as an OCI image layout that other tools can read.</summary>
/// <remarks>
/// On disk: <c>oci-layout</c>, <c>index.json</c>, <c>blobs/sha256/HEX</c>; <c>ingest/</c> holds what is being received.
/// A blob is written under a temporary name, verified, synced and renamed: under its name it is always whole.
/// Source: image-spec image-layout.md.
/// </remarks>
public sealed class BlobStore
{
    private readonly string _ingest;
    private readonly LeaseStore _leases;

    private BlobStore(string root, LeaseStore leases)
    {
        Root = root;
        _leases = leases;
        _ingest = Path.Combine(root, "ingest");
    }

    /// <summary>The layout's directory.</summary>
    public string Root { get; }

    /// <summary>Opens or makes the layout; what was being received when an earlier process died is dropped.</summary>
    internal static BlobStore Open(string root, LeaseStore leases)
    {
        var store = new BlobStore(root, leases);
        Directory.CreateDirectory(Path.Combine(root, "blobs", "sha256"));
        Directory.CreateDirectory(Path.Combine(root, "blobs", "sha512"));
        if (Directory.Exists(store._ingest))
            Directory.Delete(store._ingest, recursive: true);
        Directory.CreateDirectory(store._ingest);
        var marker = Path.Combine(root, "oci-layout");
        if (!File.Exists(marker))
            File.WriteAllText(marker, """{"imageLayoutVersion":"1.0.0"}""");
        if (!File.Exists(Path.Combine(root, "index.json")))
            store.WriteIndex([]);
        return store;
    }

    /// <summary>Where a blob is, whether or not it is there.</summary>
    public string PathOf(Digest digest) => Path.Combine(Root, "blobs", digest.Algorithm, digest.Hex);

    /// <summary>Whether the blob is there.</summary>
    public bool Contains(Digest digest) => File.Exists(PathOf(digest));

    /// <summary>A blob's size in bytes; null when it is not there.</summary>
    public long? SizeOf(Digest digest)
    {
        var file = new FileInfo(PathOf(digest));
        return file.Exists ? file.Length : null;
    }

    /// <summary>Opens a blob for reading.</summary>
    /// <exception cref="GantryException">NotFound: it is not there.</exception>
    public Stream Open(Digest digest)
    {
        try
        {
            return new FileStream(PathOf(digest), new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
        }
        catch (FileNotFoundException e)
        {
            throw GantryException.Of(ErrorKind.NotFound, $"content {digest} is not in the store", cause: e);
        }
    }

    /// <summary>A small blob's bytes.</summary>
    /// <param name="limitBytes">The most to read: what is larger is no configuration or manifest.</param>
    /// <exception cref="GantryException">NotFound: it is not there. Invalid: it is too large.</exception>
    public byte[] Read(Digest digest, int limitBytes)
    {
        using var stream = Open(digest);
        if (stream.Length > limitBytes)
            throw GantryException.Of(ErrorKind.Invalid, $"content {digest} has {stream.Length} bytes, more than the {limitBytes} allowed here");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Stores small content whose digest is computed here.</summary>
    /// <param name="lease">Holds it until something refers to it.</param>
    public Digest Add(ReadOnlySpan<byte> content, Lease lease)
    {
        var digest = Digest.OfSha256(SHA256.HashData(content));
        using var ingest = Receive(digest, content.Length, lease);
        ingest.Write(content);
        ingest.Commit();
        return digest;
    }

    /// <summary>Begins to receive a blob.</summary>
    /// <param name="expected">The digest it must have; null: unknown until its end.</param>
    /// <param name="sizeBytes">The size it must have; null: unknown.</param>
    /// <param name="lease">Holds the blob until something refers to it.</param>
    public BlobIngest Receive(Digest? expected, long? sizeBytes, Lease lease) => new(this, Path.Combine(_ingest, Path.GetRandomFileName()), expected, sizeBytes, lease);

    /// <summary>Rewrites index.json: the named images of this layout.</summary>
    internal void WriteIndex(IReadOnlyList<Descriptor> manifests)
    {
        var writer = new ArrayBufferWriter<byte>();
        ImageDocuments.Write(writer, new ImageIndex { MediaType = MediaTypes.OciIndex, Manifests = manifests });
        // Not synced: the database is the truth, and this file is rewritten from it whenever a name changes and at start.
        var temporary = Path.Combine(_ingest, Path.GetRandomFileName());
        File.WriteAllBytes(temporary, writer.WrittenSpan);
        File.Move(temporary, Path.Combine(Root, "index.json"), overwrite: true);
    }

    internal void Remove(Digest digest) => File.Delete(PathOf(digest));

    /// <summary>All blobs, in no order.</summary>
    internal IEnumerable<Digest> All()
    {
        foreach (var algorithm in new[] { "sha256", "sha512" })
        {
            foreach (var path in Directory.EnumerateFiles(Path.Combine(Root, "blobs", algorithm)))
            {
                if (Digest.TryParse($"{algorithm}:{Path.GetFileName(path)}", out var digest))
                    yield return digest;
            }
        }
    }

    internal void Publish(string temporary, Digest digest, Lease lease)
    {
        // Held first: between the rename and a row that refers to it nothing may collect it.
        lease.Hold(digest);
        File.Move(temporary, PathOf(digest), overwrite: true);
        SyncDirectory(Path.GetDirectoryName(PathOf(digest))!);
    }

    private static void SyncDirectory(string path)
    {
        var failed = Inodes.Open(null, [.. System.Text.Encoding.UTF8.GetBytes(path), 0], Inodes.ReadOnly | Inodes.Directory, 0, out Fd directory);
        using (directory)
        {
            if (failed == 0)
                failed = Inodes.Sync(directory);
            if (failed < 0)
                throw new SyscallException("fsync", -failed, path);
        }
    }
}
