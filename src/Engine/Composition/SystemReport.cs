using Gantry.Model.Api;

namespace Gantry.Engine.Composition;

/// <summary>What the engine says about itself and its host.</summary>
public sealed class SystemReport
{
    /// <summary>What <c>GET /info</c> answers.</summary>
    public Task<SystemInfo> InfoAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>What <c>GET /version</c> answers, without the API versions, which are the counter's to know.</summary>
    public SystemVersion Version() => throw new NotSupportedException();
}
