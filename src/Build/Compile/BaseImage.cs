using Gantry.Model.Images;

namespace Gantry.Build;

/// <summary>An image that a stage begins with.</summary>
public sealed record BaseImage
{
    /// <summary>The full reference with the digest: what <see cref="ImageSource.Reference"/> becomes.</summary>
    public required string Reference { get; init; }

    public required ImageConfiguration Configuration { get; init; }
}
