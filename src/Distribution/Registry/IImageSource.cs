using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Distribution;

/// <summary>Where the parts of an image come from: a repository of a registry, or somebody's OCI layout.</summary>
public interface IImageSource
{
    /// <summary>A manifest or index by tag or digest.</summary>
    /// <exception cref="GantryException">NotFound, Unavailable; Invalid: it is not what its digest says, or no manifest.</exception>
    Task<FetchedManifest> GetManifestAsync(string tagOrDigest, CancellationToken cancellationToken);

    /// <summary>Fetches a blob.</summary>
    /// <param name="blob">Its digest and size; more bytes than declared never reach the sink.</param>
    /// <param name="sink">Is given the bytes in order, each once; verifies them.</param>
    /// <exception cref="GantryException">NotFound, Unavailable; Invalid: it has another size.</exception>
    Task DownloadAsync(Descriptor blob, Action<ReadOnlyMemory<byte>> sink, CancellationToken cancellationToken);
}
