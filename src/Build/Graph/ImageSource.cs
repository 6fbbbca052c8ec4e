namespace Gantry.Build;

/// <summary>The root filesystem of an image.</summary>
public sealed class ImageSource() : Vertex([])
{
    /// <summary>The full reference, with the digest where it is resolved.</summary>
    public required string Reference { get; init; }

    /// <summary>The platform, as in <c>linux/amd64</c>.</summary>
    public required string Platform { get; init; }

    private protected override void Describe(KeyWriter key) => key.Add(Reference).Add(Platform);
}
