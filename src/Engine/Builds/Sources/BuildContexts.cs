using Gantry.Archive;
using Gantry.Build;

namespace Gantry.Engine.Builds;

/// <summary>The directories that one build's client sends; where it can be told from others, the copy of an earlier build is brought up to date.</summary>
internal sealed class BuildContexts(KeptContexts contexts, IBuildSession session, TimeProvider time) : IDisposable
{
    private readonly List<string> _temporary = [];
    private readonly List<KeptContext> _kept = [];

    /// <summary>The files of a context.</summary>
    /// <exception cref="Model.GantryException">NotFound: the client has no such directory. Invalid: what it sent cannot be used.</exception>
    public async Task<StepResult> ReceiveAsync(LocalContext context, IBuildProgress progress, CancellationToken cancellationToken)
    {
        var (directory, identity) = await UpdateAsync(
            new ContextRequest { Name = context.Context, Excludes = context.Excludes, FollowPaths = context.FollowPaths },
            bytes => progress.Report(new VertexStatus { Vertex = context.Digest, Id = "transferring context:", Current = bytes, Time = time.GetUtcNow() }),
            cancellationToken);
        return new()
        {
            // A new one is known by its content alone, which is read when a step needs it.
            Identity = identity,
            Reference = new BuildTree { Directory = directory, OwnedByRoot = true }.Reference,
        };
    }

    /// <summary>Brings a directory up to date with the client's; returns its path, good until this is disposed.</summary>
    public async Task<string> ReceiveAsync(ContextRequest request, Action<long>? progress, CancellationToken cancellationToken) =>
        (await UpdateAsync(request, progress, cancellationToken)).Directory;

    public void Dispose()
    {
        foreach (var path in _temporary)
            Trees.TryRemove(path);
        foreach (var context in _kept)
            contexts.Release(context);
    }

    private async Task<(string Directory, Model.Digest Identity)> UpdateAsync(ContextRequest request, Action<long>? progress, CancellationToken cancellationToken)
    {
        // Other selections of a directory are other copies: one must not remove what the other keeps.
        if (session.SharedKey.Length > 0 && contexts.Take(string.Join('\0', [session.SharedKey, request.Name, .. request.FollowPaths])) is { } kept)
        {
            lock (_kept)
                _kept.Add(kept);
            await kept.UpdateAsync(request, known => session.ReceiveAsync(known, kept.Path, progress, cancellationToken));
            return (kept.Path, kept.Identity);
        }

        var temporary = contexts.MakeTemporary();
        lock (_temporary)
            _temporary.Add(temporary);
        await session.ReceiveAsync(request, temporary, progress, cancellationToken);
        return (temporary, KeptContext.NewIdentity());
    }
}
