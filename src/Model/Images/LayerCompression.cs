namespace Gantry.Model.Images;

/// <summary>How a layer's archive is compressed.</summary>
public enum LayerCompression
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>RFC 1952: what every client reads.</summary>
    Gzip,

    /// <summary>RFC 8878: quicker and smaller, of OCI's media types alone.</summary>
    Zstd,
}
