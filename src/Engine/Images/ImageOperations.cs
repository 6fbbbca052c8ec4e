using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Images;

namespace Gantry.Engine.Images;

/// <summary>The life of images: pull, import, load, list, inspect, tag, remove. Names and ids are given as people write them.</summary>
public sealed class ImageOperations
{
    /// <summary>Fetches an image by name from its registry or a mirror.</summary>
    /// <param name="progress">Is told Docker's progress objects, one at a time, from any thread.</param>
    /// <exception cref="GantryException">NotFound: no such image there, or access denied. Unavailable: no registry answered.</exception>
    public Task<ResolvedImage> PullAsync(ImageReference reference, Platform? platform, AuthConfig? credentials, Action<ImageProgress> progress, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Makes an image of one layer of a tar archive (plain, gzip or zstd).</summary>
    public Task<Digest> ImportAsync(Stream archive, ImageImportSpec spec, Action<ImageProgress> progress, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Reads images from an archive as <c>docker save</c> writes it, or an OCI layout in a tar.</summary>
    public Task LoadAsync(Stream archive, Platform? platform, bool quiet, Action<ImageProgress> progress, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Loads an image that ships with the program, unless a local image has the name already.</summary>
    public Task EnsureBuiltInAsync(ImageReference reference, Func<Stream> open, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>The image that a name, name@digest, id or id prefix stands for.</summary>
    /// <exception cref="GantryException">NotFound: <c>No such image: x:latest</c>. Invalid: not a reference, or ambiguous.</exception>
    public Task<ResolvedImage> ResolveAsync(string nameOrId, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Local images, newest first.</summary>
    public Task<IReadOnlyList<ImageSummary>> ListAsync(ImageListQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ImageInspect> InspectAsync(string nameOrId, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>How the image came to be, newest step first.</summary>
    public Task<IReadOnlyList<ImageHistoryResponseItem>> HistoryAsync(string nameOrId, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Gives an image another name; a name that another image has moves.</summary>
    public Task TagAsync(string nameOrId, ImageReference reference, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Takes a name from an image, or removes the image with all that nothing else needs.</summary>
    /// <exception cref="GantryException">NotFound. Conflict: a container uses it, or it has several names and <paramref name="force"/> is not given.</exception>
    public Task<IReadOnlyList<ImageDeleteResponseItem>> RemoveAsync(string nameOrId, bool force, bool noPrune, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>How many images there are.</summary>
    public int Count() => throw new NotSupportedException();
}
