using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Engine.Builds;

/// <summary>A layer's archive in the blob store.</summary>
internal sealed record ExportedLayer(Digest Digest, long SizeBytes, LayerCompression Compression)
{
    /// <summary>As a manifest names it.</summary>
    /// <param name="oci">By OCI's media types rather than by Docker's.</param>
    public Descriptor Describe(bool oci) => new() { MediaType = MediaTypes.OfLayer(Compression, oci), Digest = Digest, Size = SizeBytes };
}
