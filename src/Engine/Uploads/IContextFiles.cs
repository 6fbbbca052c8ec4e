using Gantry.Build;

namespace Gantry.Engine.Uploads;

/// <summary>Where the directories of a build's client come from.</summary>
public interface IContextFiles
{
    /// <summary>As in <see cref="IBuildSession.SharedKey"/>.</summary>
    string SharedKey { get; }

    /// <summary>As in <see cref="IBuildSession.ReceiveAsync"/>.</summary>
    Task<ContextReceipt> ReceiveAsync(ContextRequest request, string directory, Action<long>? progress, CancellationToken cancellationToken);

    /// <summary>As in <see cref="IBuildSession.ListAsync"/>.</summary>
    Task<IReadOnlyList<string>?> ListAsync(ContextRequest request, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>?>(null);
}
