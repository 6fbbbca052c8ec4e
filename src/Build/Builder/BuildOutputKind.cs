namespace Gantry.Build;

/// <summary>Kinds of places that a result goes to.</summary>
public enum BuildOutputKind
{
    /// <summary>The engine's images: <c>moby</c>, <c>image</c>.</summary>
    Image,

    /// <summary>A registry alone: <c>registry</c>.</summary>
    Registry,

    /// <summary>The files, into a directory of the client's.</summary>
    Local,

    /// <summary>The files, as an archive.</summary>
    Tar,

    /// <summary>An OCI layout, as an archive.</summary>
    Oci,

    /// <summary>What <c>docker load</c> reads.</summary>
    Docker,
}
