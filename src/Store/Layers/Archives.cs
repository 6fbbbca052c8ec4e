namespace Gantry.Store;

/// <summary>Archives from outside.</summary>
public static class Archives
{
    /// <summary>The uncompressed content of an archive that is plain, gzip or zstd. Disposing it disposes the source.</summary>
    /// <exception cref="Gantry.Model.GantryException">NotSupported: compressed otherwise.</exception>
    public static Stream Open(Stream archive) => Decompression.Open(archive);
}
