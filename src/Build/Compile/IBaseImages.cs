namespace Gantry.Build;

/// <summary>Knows what images hold, for the stages that begin with them.</summary>
public interface IBaseImages
{
    /// <summary>An image's configuration, from the engine's images or a registry.</summary>
    /// <param name="reference">As the Dockerfile has it, expanded.</param>
    /// <param name="platform">As in <c>linux/amd64</c>.</param>
    /// <exception cref="Model.GantryException">NotFound: there is none.</exception>
    Task<BaseImage> ResolveAsync(string reference, string platform, CancellationToken cancellationToken);
}
