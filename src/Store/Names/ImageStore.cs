using System.Globalization;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Store;

/// <summary>Local images and their names.</summary>
public sealed class ImageStore
{
    private const string Columns = "id, manifest, manifest_type, manifest_size, size, created, last_tagged, (SELECT above.id FROM images above WHERE above.id = images.parent)";

    private readonly Database _database;
    private readonly BlobStore _blobs;
    private readonly Lock _indexing = new();

    internal ImageStore(Database database, BlobStore blobs)
    {
        _database = database;
        _blobs = blobs;
    }

    /// <summary>The image of an id; null when there is none.</summary>
    public ImageRecord? Find(Digest id) => _database.Read(t => Find(t, id.ToString()));

    /// <summary>The image that has a name with a tag; null when none has.</summary>
    public ImageRecord? FindTag(ImageReference reference) => _database.Read(t =>
        t.Find("SELECT image FROM names WHERE repository = $1 AND tag = $2", row => row.GetString(0), reference.Name, reference.Tag) is { } id ? Find(t, id) : null);

    /// <summary>The image that has a name with a digest: that of a manifest, an index, or the image's id.</summary>
    public ImageRecord? FindDigest(ImageReference reference) => _database.Read(t =>
        t.Find("SELECT image FROM digests WHERE repository = $1 AND digest = $2", row => row.GetString(0), reference.Name, reference.Digest!.Value.ToString()) is { } id ? Find(t, id) : null);

    /// <summary>Ids that begin with hexadecimal digits; two at most, for telling whether it is ambiguous.</summary>
    public IReadOnlyList<Digest> FindPrefix(string hex) => _database.Read(t =>
        t.Query("SELECT id FROM images WHERE id >= $1 AND id < $2 LIMIT 2", row => Digest.Parse(row.GetString(0)), "sha256:" + hex, "sha256:" + hex + "g"));

    /// <summary>All images with their names, newest first.</summary>
    public IReadOnlyList<ImageRecord> All() => _database.Read(t =>
    {
        var tags = t.Query("SELECT image, repository, tag FROM names", row => (Image: row.GetString(0), Reference: Reference(row.GetString(1)).WithTag(row.GetString(2)))).ToLookup(n => n.Image, n => n.Reference);
        var digests = t.Query("SELECT image, repository, digest FROM digests", row => (Image: row.GetString(0), Reference: Reference(row.GetString(1)).WithDigest(Digest.Parse(row.GetString(2))))).ToLookup(n => n.Image, n => n.Reference);
        return t.Query($"SELECT {Columns} FROM images ORDER BY created DESC, rowid DESC", Read)
            .Select(image => image with { Tags = Sorted(tags[image.Id.ToString()]), Digests = Sorted(digests[image.Id.ToString()]) }).ToList();
    });

    /// <summary>Whether another image was made on this one.</summary>
    public bool HasChildren(Digest id) => _database.Read(t => t.Find("SELECT count(*) FROM images WHERE parent = $1", row => row.GetInt(0), id.ToString())) > 0;

    /// <summary>How many images there are.</summary>
    public int Count() => _database.Read(t => t.Find("SELECT count(*) FROM images", row => row.GetInt(0)));

    /// <summary>
    /// Records an image and gives it names, in one transaction.
    /// </summary>
    /// <param name="diffIds">Its layers, oldest first.</param>
    /// <param name="blobs">All content that it needs: manifest, index, configuration, layers.</param>
    /// <param name="names">Names with tags, names with digests; a tag that another image has moves.</param>
    /// <param name="now">Kept as the time of tagging when there is a tag.</param>
    public void Add(ImageRecord image, IReadOnlyList<Digest> diffIds, IEnumerable<Digest> blobs, IEnumerable<ImageReference> names, DateTimeOffset now)
    {
        var id = image.Id.ToString();
        var chain = ChainIds.Of(diffIds);
        _database.Write(t =>
        {
            t.Execute(
                "INSERT INTO images (id, manifest, manifest_type, manifest_size, size, created, parent) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET manifest = excluded.manifest, manifest_type = excluded.manifest_type, manifest_size = excluded.manifest_size",
                id,
                image.Manifest.Digest.ToString(),
                image.Manifest.MediaType,
                image.Manifest.Size,
                image.SizeBytes,
                image.CreatedSeconds,
                image.Parent?.ToString());
            for (var i = 0; i < chain.Count; i++)
                t.Execute("INSERT INTO image_layers (image, position, diff_id, chain_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", id, i, diffIds[i].ToString(), chain[i].ToString());
            foreach (var blob in blobs)
                t.Execute("INSERT INTO image_blobs (image, blob) VALUES ($1, $2) ON CONFLICT DO NOTHING", id, blob.ToString());
            foreach (var name in names)
            {
                if (name.Digest is { } digest)
                    t.Execute("INSERT INTO digests (repository, digest, image) VALUES ($1, $2, $3) ON CONFLICT (repository, digest) DO UPDATE SET image = excluded.image", name.Name, digest.ToString(), id);
                else
                    SetTag(t, name, id, now);
            }
        });
        WriteIndex();
    }

    /// <summary>Gives an image a name; a tag that another image has moves.</summary>
    public void Tag(ImageReference reference, Digest id, DateTimeOffset now)
    {
        _database.Write(t => SetTag(t, reference, id.ToString(), now));
        WriteIndex();
    }

    /// <summary>Takes names away.</summary>
    public void Untag(IEnumerable<ImageReference> names)
    {
        _database.Write(t =>
        {
            foreach (var name in names)
            {
                if (name.Digest is { } digest)
                    t.Execute("DELETE FROM digests WHERE repository = $1 AND digest = $2", name.Name, digest.ToString());
                else
                    t.Execute("DELETE FROM names WHERE repository = $1 AND tag = $2", name.Name, name.Tag);
            }
        });
        WriteIndex();
    }

    /// <summary>Forgets an image and its names. What it alone needed is collected afterwards.</summary>
    public void Remove(Digest id)
    {
        _database.Write(t => t.Execute("DELETE FROM images WHERE id = $1", id.ToString()));
        WriteIndex();
    }

    /// <summary>Which layers an image has, with their place in it: (diff id, chain id), oldest first.</summary>
    public IReadOnlyList<(Digest DiffId, Digest ChainId)> Layers(Digest id) => _database.Read(t =>
        t.Query("SELECT diff_id, chain_id FROM image_layers WHERE image = $1 ORDER BY position", row => (Digest.Parse(row.GetString(0)), Digest.Parse(row.GetString(1))), id.ToString()));

    /// <summary>Stacks that other images have as well, whole or as their beginning.</summary>
    public IReadOnlySet<Digest> ChainsOfOthers(Digest id) => _database.Read(t =>
        t.Query("SELECT DISTINCT chain_id FROM image_layers WHERE image <> $1", row => Digest.Parse(row.GetString(0)), id.ToString()).ToHashSet());

    /// <summary>Makes index.json say what the tables say.</summary>
    internal void WriteIndex()
    {
        lock (_indexing)
        {
            var manifests = new List<Descriptor>();
            foreach (var image in All())
            {
                if (image.Tags.Count == 0)
                    manifests.Add(image.Manifest);
                foreach (var tag in image.Tags)
                {
                    var name = tag.ToString();
                    manifests.Add(image.Manifest with { Annotations = new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = name, ["io.containerd.image.name"] = name } });
                }
            }

            _blobs.WriteIndex(manifests);
        }
    }

    private static void SetTag(Transaction t, ImageReference reference, string id, DateTimeOffset now)
    {
        t.Execute("INSERT INTO names (repository, tag, image) VALUES ($1, $2, $3) ON CONFLICT (repository, tag) DO UPDATE SET image = excluded.image", reference.Name, reference.Tag, id);
        t.Execute("UPDATE images SET last_tagged = $2 WHERE id = $1", id, now.ToString("O", CultureInfo.InvariantCulture));
    }

    private static ImageRecord? Find(Transaction t, string id)
    {
        var image = t.Find($"SELECT {Columns} FROM images WHERE id = $1", Read, id);
        return image is null ? null : image with
        {
            Tags = Sorted(t.Query("SELECT repository, tag FROM names WHERE image = $1", row => Reference(row.GetString(0)).WithTag(row.GetString(1)), id)),
            Digests = Sorted(t.Query("SELECT repository, digest FROM digests WHERE image = $1", row => Reference(row.GetString(0)).WithDigest(Digest.Parse(row.GetString(1))), id)),
        };
    }

    private static List<ImageReference> Sorted(IEnumerable<ImageReference> names) => [.. names.OrderBy(n => n.ToString(), StringComparer.Ordinal)];

    private static ImageReference Reference(string repository) => ImageReference.Parse(repository);

    private static ImageRecord Read(Row row) => new()
    {
        Id = Digest.Parse(row.GetString(0)),
        Manifest = new() { Digest = Digest.Parse(row.GetString(1)), MediaType = row.GetString(2), Size = row.GetLong(3) },
        SizeBytes = row.GetLong(4),
        CreatedSeconds = row.GetLong(5),
        LastTagged = row.FindString(6) is { } time ? DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) : null,
        Parent = row.FindString(7) is { } parent ? Digest.Parse(parent) : null,
    };
}
