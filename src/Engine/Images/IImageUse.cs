using Gantry.Model;

namespace Gantry.Engine.Images;

/// <summary>Which containers use an image; implemented by whoever keeps containers.</summary>
public interface IImageUse
{
    /// <summary>The containers made of an image, in no order.</summary>
    IReadOnlyList<ImageUser> UsersOf(Digest imageId);
}
