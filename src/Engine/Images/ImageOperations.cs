using Gantry.Distribution;
using Gantry.Engine.Events;
using Gantry.Engine.Planning;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>The life of images: pull, import, load, list, inspect, tag, remove. Names and ids are given as people write them.</summary>
public sealed class ImageOperations : IDisposable
{
    private readonly ImageRoom _room;
    private readonly ImageLookup _lookup;
    private readonly LayerFetches _fetches;
    private readonly SemaphoreSlim _builtIn = new(1);

    /// <param name="content">Where images are kept; stays the caller's.</param>
    /// <param name="registry">Where they are pulled from; stays the caller's.</param>
    /// <param name="use">Which containers use an image.</param>
    /// <param name="mostDownloads">How many layers are downloaded at a time.</param>
    public ImageOperations(ContentStore content, RegistryClient registry, IImageUse use, EventLog events, TimeProvider time, int mostDownloads)
    {
        _room = new(content, registry, use, events, time);
        _lookup = new(_room);
        _fetches = new(_room, mostDownloads);
    }

    /// <summary>What operations on images work with.</summary>
    internal ImageRoom Room => _room;

    /// <summary>Changes how registries are reached and how much is downloaded at a time, for what begins from now on.</summary>
    public void Reconfigure(RegistryOptions registry, int mostDownloads)
    {
        _room.Registry.Options = registry;
        _fetches.Slots.Resize(mostDownloads);
    }

    /// <summary>Fetches an image by name from its registry or a mirror.</summary>
    /// <param name="reference">Without a tag or digest, <c>latest</c> is meant.</param>
    /// <param name="platform">Null: this machine's.</param>
    /// <param name="progress">Is told Docker's progress objects, one at a time, from any thread.</param>
    /// <exception cref="GantryException">NotFound: no such image there, or access denied. Unavailable: no registry answered.</exception>
    public async Task<ResolvedImage> PullAsync(ImageReference reference, Platform? platform, AuthConfig? credentials, Action<ImageProgress> progress, CancellationToken cancellationToken)
    {
        var pull = new PullOperation(_room, _fetches, platform, OneAtATime(progress));
        return Resolved(await pull.RunAsync(_room.Registry.Open(reference, credentials), reference, cancellationToken), reference.WithDefaultTag());
    }

    /// <summary>Fetches an image for a build.</summary>
    /// <param name="repository">Where it comes from.</param>
    /// <param name="isTagged">Whether the name becomes the image's. One for another machine takes no other's place.</param>
    /// <inheritdoc cref="PullAsync(ImageReference, Platform?, AuthConfig?, Action{ImageProgress}, CancellationToken)"/>
    internal async Task<ResolvedImage> PullAsync(RepositoryClient repository, ImageReference reference, Platform platform, bool isTagged, Action<ImageProgress> progress, CancellationToken cancellationToken)
    {
        var pull = new PullOperation(_room, _fetches, platform, OneAtATime(progress)) { Tags = isTagged };
        return Resolved(await pull.RunAsync(repository, reference, cancellationToken), isTagged ? reference.WithDefaultTag() : null);
    }

    /// <summary>A conversation with a repository's registry, or its mirrors.</summary>
    internal RepositoryClient Open(ImageReference repository, IRegistryAccess access) => _room.Registry.Open(repository, access);

    /// <summary>What an image elsewhere says of itself. Nothing of it is kept.</summary>
    /// <param name="name">What people call it.</param>
    internal Task<ResolvedImage> LookUpAsync(IImageSource source, string tagOrDigest, string name, Platform? platform, CancellationToken cancellationToken) =>
        new PullOperation(_room, _fetches, platform, static _ => { }).LookUpAsync(source, tagOrDigest, name, cancellationToken);

    /// <summary>Fetches an image for the holder of a lease: it becomes none of the engine's images, and goes with the lease.</summary>
    /// <inheritdoc cref="LookUpAsync(IImageSource, string, string, Platform?, CancellationToken)"/>
    internal Task<ResolvedImage> BorrowAsync(IImageSource source, string tagOrDigest, string name, Platform? platform, Lease lease, Action<ImageProgress> progress, CancellationToken cancellationToken) =>
        new PullOperation(_room, _fetches, platform, OneAtATime(progress)).BorrowAsync(source, tagOrDigest, name, lease, cancellationToken);

    /// <summary>The digest that a repository's registry knows an image by; null: it did not come from there.</summary>
    internal Digest? FindSourceDigest(Digest image, ImageReference repository) =>
        _room.Content.Images.Find(image)?.Digests.FirstOrDefault(d => d.Name == repository.Name)?.Digest;

    /// <summary>Fetches the images of all tags of a repository, one after another. What came before a failure stays.</summary>
    /// <param name="repository">Neither tag nor digest.</param>
    /// <inheritdoc cref="PullAsync(ImageReference, Platform?, AuthConfig?, Action{ImageProgress}, CancellationToken)"/>
    public Task PullAllAsync(ImageReference repository, Platform? platform, AuthConfig? credentials, Action<ImageProgress> progress, CancellationToken cancellationToken) =>
        new PullOperation(_room, _fetches, platform, OneAtATime(progress)).RunAllAsync(_room.Registry.Open(repository, credentials), repository, cancellationToken);

    /// <summary>Tries credentials on their registry.</summary>
    /// <exception cref="GantryException">Unauthenticated: it does not take them. Unavailable: it cannot be reached.</exception>
    public Task LoginAsync(AuthConfig credentials, CancellationToken cancellationToken) => new RegistryLogin(_room.Registry).CheckAsync(credentials, cancellationToken);

    /// <summary>Makes an image of one layer of a tar archive (plain, gzip, zstd, xz or bzip2).</summary>
    /// <exception cref="GantryException">Invalid: not an archive, an entry had to be refused, or a change is malformed.</exception>
    public Task<Digest> ImportAsync(Stream archive, ImageImportSpec spec, Action<ImageProgress> progress, CancellationToken cancellationToken) =>
        new ImportOperation(_room).RunAsync(archive, spec, progress, cancellationToken);

    /// <summary>Makes an image of another one's layers and a new one on top.</summary>
    /// <exception cref="GantryException">NotFound: the parent is gone. Exhausted: no space left.</exception>
    public Task<Digest> CommitAsync(ImageCommitSpec spec, CancellationToken cancellationToken) => new CommitOperation(_room).RunAsync(spec, cancellationToken);

    /// <summary>Reads images from an archive as <c>docker save</c> writes it, or an OCI layout in a tar.</summary>
    /// <param name="quiet">Tells only what was loaded; so it always is here, loading being quick.</param>
    /// <exception cref="GantryException">Invalid: no images in it, or damaged.</exception>
    public Task LoadAsync(Stream archive, Platform? platform, bool quiet, Action<ImageProgress> progress, CancellationToken cancellationToken) =>
        new LoadOperation(_room).RunAsync(archive, platform, progress, cancellationToken);

    /// <summary>Loads an image that ships with the program, unless a local image has the name already.</summary>
    /// <param name="reference">The name that the archive gives.</param>
    /// <param name="open">Opens the archive.</param>
    public async Task EnsureBuiltInAsync(ImageReference reference, Func<Stream> open, CancellationToken cancellationToken)
    {
        var name = reference.WithDefaultTag();
        await _builtIn.WaitAsync(cancellationToken);
        try
        {
            if (_room.Content.Images.FindTag(name) is not null)
                return;
            await using var archive = open();
            await LoadAsync(archive, null, true, _ => { }, cancellationToken);
        }
        finally
        {
            _builtIn.Release();
        }
    }

    /// <summary>The image that a name, name@digest, id or id prefix stands for.</summary>
    /// <exception cref="GantryException">NotFound: <c>No such image: x:latest</c>. Invalid: neither a name nor an id.</exception>
    public Task<ResolvedImage> ResolveAsync(string nameOrId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (image, reference) = _lookup.Get(nameOrId);
        return Task.FromResult(Resolved(image, reference));
    }

    /// <summary>Local images, newest first.</summary>
    /// <exception cref="GantryException">Invalid: an unknown filter, or a malformed value.</exception>
    public Task<IReadOnlyList<ImageSummary>> ListAsync(ImageListQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new ImageListing(_room, _lookup).List(query));
    }

    public Task<ImageInspect> InspectAsync(string nameOrId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new ImageDescriptions(_room).Inspect(_lookup.Get(nameOrId).Image));
    }

    /// <summary>How the image came to be, newest step first.</summary>
    public Task<IReadOnlyList<ImageHistoryResponseItem>> HistoryAsync(string nameOrId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new ImageDescriptions(_room).History(_lookup.Get(nameOrId).Image));
    }

    /// <summary>Gives an image another name; a name that another image has moves.</summary>
    public Task TagAsync(string nameOrId, ImageReference reference, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Source: moby daemon/server/router/image: refusing to create a tag with a digest reference.
        if (reference.Digest is not null)
            throw GantryException.Of(ErrorKind.Invalid, "refusing to create a tag with a digest reference");
        var name = reference.WithDefaultTag();
        var image = _lookup.Get(nameOrId).Image;
        _room.Content.Images.Tag(name, image.Id, _room.Time.GetUtcNow());
        _room.Tell("tag", image.Id.ToString(), name.Familiar, image.Id);
        return Task.CompletedTask;
    }

    /// <summary>Takes a name from an image, or removes the image with all that nothing else needs.</summary>
    /// <param name="noPrune">Accepted for Docker's sake: images have no parents here that could be pruned.</param>
    /// <exception cref="GantryException">NotFound. Conflict: a container uses it, or it has several names and <paramref name="force"/> is not given.</exception>
    public Task<IReadOnlyList<ImageDeleteResponseItem>> RemoveAsync(string nameOrId, bool force, bool noPrune, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new RemoveOperation(_room, _lookup).Run(nameOrId, force, !noPrune));
    }

    /// <summary>What images take on disk. Walks all of them.</summary>
    public ImagesDiskUsage MeasureUsage() => new ImageUsage(_room, _lookup).Measure();

    /// <summary>Removes images that no container uses.</summary>
    /// <param name="dangling">Only images without a tag.</param>
    /// <param name="wanted">Which, by the time of creation (null: unknown) and the labels.</param>
    /// <returns>What was untagged and deleted, and the bytes of the layers that went with it.</returns>
    public (IReadOnlyList<ImageDeleteResponseItem> Deleted, long ReclaimedBytes) Prune(bool dangling, Func<DateTimeOffset?, IReadOnlyDictionary<string, string>?, bool> wanted, CancellationToken cancellationToken) =>
        new ImagePruning(_room, _lookup).Run(dangling, wanted, cancellationToken);

    /// <summary>Images with all that were made on them (by a commit or a classic build), and on those.</summary>
    internal HashSet<Digest> WithDescendants(IEnumerable<Digest> images)
    {
        var children = _room.Content.Images.All().ToLookup(image => image.Parent, image => image.Id);
        HashSet<Digest> found = [];
        var todo = new Queue<Digest>(images);
        while (todo.TryDequeue(out var next))
        {
            if (!found.Add(next))
                continue;
            foreach (var child in children[next])
                todo.Enqueue(child);
        }

        return found;
    }

    /// <summary>The id of an image whose files are to be mounted.</summary>
    /// <exception cref="GantryException">Invalid: there is none, or it has no files. (NotFound would have clients pull the container's own image.)</exception>
    internal Digest Mountable(string nameOrId)
    {
        Digest id;
        try
        {
            id = _lookup.Get(nameOrId).Image.Id;
        }
        catch (GantryException missing) when (missing.Kind == ErrorKind.NotFound)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"{missing.Message}: pull it first, to mount it", cause: missing);
        }

        return _room.ConfigurationOf(id).RootFs.DiffIds.Count > 0 ? id : throw GantryException.Of(ErrorKind.Invalid, $"image {nameOrId} cannot be mounted: it has no layers");
    }

    /// <summary>The directories of a mounted image's layers, the topmost first; a layer that occurs twice stands only where it hides the other.</summary>
    /// <exception cref="GantryException">NotFound: it was removed since.</exception>
    internal IReadOnlyList<string> LayersOf(Digest image, PlanMount mount)
    {
        if (_room.Content.Images.Find(image) is null)
            throw GantryException.Of(ErrorKind.NotFound, $"image {mount.Source}, which is to be mounted at {mount.Destination}, is gone: pull it again, and create the container anew");
        return [.. _room.Content.Layers.Stack(_room.ConfigurationOf(image).RootFs.DiffIds).Reverse().Select(_room.Content.Layers.PathOf).Distinct()];
    }

    /// <summary>How many images there are.</summary>
    public int Count() => _room.Content.Images.Count();

    /// <inheritdoc/>
    public void Dispose()
    {
        _builtIn.Dispose();
    }

    private static Action<ImageProgress> OneAtATime(Action<ImageProgress> progress)
    {
        var gate = new Lock();
        return item =>
        {
            lock (gate)
                progress(item);
        };
    }

    private ResolvedImage Resolved(ImageRecord image, ImageReference? reference) => new()
    {
        Id = image.Id,
        Configuration = _room.ConfigurationOf(image.Id),
        Manifest = image.Manifest,
        Reference = reference,
    };
}
