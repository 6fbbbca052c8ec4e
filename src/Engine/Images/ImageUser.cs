using Gantry.Model;

namespace Gantry.Engine.Images;

/// <summary>A container that is made of an image.</summary>
/// <param name="Id">The container.</param>
/// <param name="Running">Whether it runs (or is paused).</param>
/// <param name="ImageName">The image as the container's creator named it.</param>
public sealed record ImageUser(ContainerId Id, bool Running, string ImageName);
