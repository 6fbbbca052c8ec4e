using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Engine.Builds;

/// <summary>A place outside the engine that a build's cache is written to.</summary>
internal interface ICacheTarget : IDisposable
{
    /// <summary>Whether it has a blob already.</summary>
    Task<bool> HasAsync(Descriptor blob, CancellationToken cancellationToken);

    /// <summary>Gives it a blob, unless it has that.</summary>
    /// <param name="open">Opens its content; the caller disposes it.</param>
    /// <exception cref="GantryException">It does not take it.</exception>
    Task PutAsync(Descriptor blob, Func<Stream> open, CancellationToken cancellationToken);

    /// <summary>Gives it the manifest: from now on the cache is there.</summary>
    /// <exception cref="GantryException">It does not take it.</exception>
    Task FinishAsync(string mediaType, byte[] manifest, CancellationToken cancellationToken);
}
