using Gantry.Archive;
using Gantry.Model;

namespace Gantry.Store;

/// <summary>
/// A layer whose archive was unpacked and verified, but that is not in its place in a stack yet. Disposing without
/// <see cref="LayerStore.Place"/> removes it.
/// </summary>
public sealed class UnpackedLayer : IDisposable
{
    private readonly string _path;
    private bool _kept;
    private bool _claimed;

    internal UnpackedLayer(string path) => _path = path;

    public required Digest DiffId { get; init; }

    /// <summary>Bytes of all files.</summary>
    public required long SizeBytes { get; init; }

    internal string Directory => Path.GetFileName(_path);

    internal string FullPath => _path;

    internal bool HasRoot { get; init; }

    // Directories that lower layers may know better.
    internal IReadOnlyList<string> Implied { get; init; } = [];

    // The archive was verified, but can only be written with the lower layers at hand.
    internal bool NeedsLower { get; init; }

    /// <summary>Whether nobody has put it into a place yet; guarded by the store.</summary>
    internal bool Claim() => !_claimed && (_claimed = true);

    internal void Keep() => _kept = true;

    /// <summary>Takes the files for something else than a layer.</summary>
    /// <param name="path">Where they go, on the same filesystem; nothing may be there.</param>
    public void MoveTo(string path)
    {
        System.IO.Directory.Move(_path, path);
        _kept = true;
    }

    public void Dispose()
    {
        if (!_kept)
            Trees.Remove(_path);
    }
}
