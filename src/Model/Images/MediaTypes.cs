namespace Gantry.Model.Images;

/// <summary>Media types of image content. Sources: image-spec media-types.md; Docker image manifest version 2, schema 2.</summary>
public static class MediaTypes
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar";
    public const string OciLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    public const string OciLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
    public const string DockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    public const string DockerLayerZstd = "application/vnd.docker.image.rootfs.diff.tar.zstd";

    /// <summary>A statement about something else. Source: in-toto attestation.</summary>
    public const string InToto = "application/vnd.in-toto+json";

    /// <summary>What a layer's archive is called in a manifest.</summary>
    /// <param name="oci">By OCI rather than by Docker.</param>
    public static string OfLayer(LayerCompression compression, bool oci) => compression switch
    {
        LayerCompression.Gzip => oci ? OciLayerGzip : DockerLayerGzip,
        LayerCompression.Zstd => oci ? OciLayerZstd : DockerLayerZstd,
        _ => oci ? OciLayer : DockerLayer,
    };
}
