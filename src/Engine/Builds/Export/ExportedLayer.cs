using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Engine.Builds;

/// <summary>A layer's archive in the blob store.</summary>
internal sealed record ExportedLayer(Digest Digest, long SizeBytes, LayerCompression Compression)
{
    /// <summary>What it is called in a manifest.</summary>
    /// <param name="oci">By OCI rather than by Docker.</param>
    public string MediaType(bool oci) => Compression switch
    {
        LayerCompression.Gzip => oci ? MediaTypes.OciLayerGzip : MediaTypes.DockerLayerGzip,
        LayerCompression.Zstd => oci ? MediaTypes.OciLayerZstd : MediaTypes.DockerLayerZstd,
        _ => oci ? MediaTypes.OciLayer : MediaTypes.DockerLayer,
    };
}
