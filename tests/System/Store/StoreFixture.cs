using System.Security.Cryptography;
using Gantry.Archive;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Tests.System.Store;

/// <summary>A content store in a folder of its own.</summary>
public sealed class StoreFixture : IDisposable
{
    public StoreFixture()
    {
        Root = global::System.IO.Directory.CreateTempSubdirectory("gantry-images-").FullName;
        Database = Database.Open(Path.Combine(Root, "gantry.db"), ContentStore.Migrations);
        Content = ContentStore.Open(Root, Database);
    }

    public string Root { get; }

    public Database Database { get; private set; }

    public ContentStore Content { get; private set; }

    /// <summary>Closes and opens everything, as an engine that was killed and started again.</summary>
    public void Reopen()
    {
        Content.Dispose();
        Database.Dispose();
        Database = Database.Open(Path.Combine(Root, "gantry.db"), ContentStore.Migrations);
        Content = ContentStore.Open(Root, Database);
    }

    public static Digest DigestOf(byte[] content) => Digest.OfSha256(SHA256.HashData(content));

    /// <summary>Unpacks archives as a stack; the lease holds them.</summary>
    public async Task<IReadOnlyList<LayerRecord>> StackAsync(Lease lease, params byte[][] archives)
    {
        var placed = new List<LayerRecord>();
        foreach (var archive in archives)
        {
            var blob = Content.Blobs.Add(archive, lease);
            lease.Hold(DigestOf(archive));
            using var layer = await Content.Layers.UnpackAsync(null, Content.Blobs.Open(blob), null, CancellationToken.None);
            placed.Add(Content.Layers.Place(layer, placed, blob, () => Content.Blobs.Open(blob), CancellationToken.None));
        }

        return placed;
    }

    /// <summary>Unpacks one archive; returns its directory.</summary>
    public async Task<string> UnpackAsync(Lease lease, byte[] archive) => Content.Layers.PathOf((await StackAsync(lease, archive))[0]);

    public void Dispose()
    {
        Content.Dispose();
        Database.Dispose();
        // Not Directory.Delete: names in archives need not be UTF-8.
        Trees.Remove(Root);
    }
}
