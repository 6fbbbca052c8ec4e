using System.Collections.Concurrent;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Patterns;

namespace Gantry.Engine.Builds;

/// <summary>The directories that one build's client sends; where it can be told from others, the copy of an earlier build is brought up to date.</summary>
internal sealed class BuildContexts(KeptContexts contexts, IBuildSession session, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, ContextRequest> _received = new(StringComparer.Ordinal);
    private readonly List<string> _temporary = [];
    private readonly List<KeptContext> _kept = [];

    /// <summary>The files of a context.</summary>
    /// <exception cref="GantryException">NotFound: the client has no such directory. Invalid: what it sent cannot be used.</exception>
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

    /// <summary>The failure of a step that looked for a file in a client's directory, with what may have been meant; null: it is no client's.</summary>
    /// <param name="directory">As <see cref="ReceiveAsync(ContextRequest, Action{long}, CancellationToken)"/> gave it.</param>
    public async Task<GantryException?> FindMissingAsync(string? directory, MissingFileException missing, CancellationToken cancellationToken)
    {
        if (directory is null || !_received.TryGetValue(directory, out var request))
            return null;
        var hint = missing.Hint;
        if (request.Excludes.Count > 0 && PatternMatcher.Parse(request.Excludes).Matches(missing.Path))
            hint = ".dockerignore leaves it out";
        else if (hint.Length == 0 && request.FollowPaths.Count > 0)
            // Only what is used was sent: the client knows what else there is.
            hint = SourcePaths.Nearby(missing.Path, await NamesAsync(request, RawPath.Parent(missing.Path), cancellationToken));
        return new MissingFileException(missing.Path) { Hint = hint, IsOfContext = true }.ToFailure();
    }

    private async Task<IReadOnlyList<string>> NamesAsync(ContextRequest request, string parent, CancellationToken cancellationToken)
    {
        var inside = RawPath.Join(parent, "*");
        try
        {
            // One level: what lies deeper is neither sent nor listed.
            var listed = await session.ListAsync(request with { FollowPaths = [inside], Excludes = [.. request.Excludes, inside + "/*"] }, cancellationToken);
            return [.. (listed ?? []).Where(path => RawPath.Parent(path) == parent).Select(RawPath.Name)];
        }
        catch (Exception failure) when (failure is GantryException or SyscallException)
        {
            // The missing file is what is to be told, not why there is no hint.
            return [];
        }
    }

    public void Dispose()
    {
        foreach (var path in _temporary)
            Trees.TryRemove(path);
        foreach (var context in _kept)
            contexts.Release(context);
    }

    private async Task<(string Directory, Digest Identity)> UpdateAsync(ContextRequest request, Action<long>? progress, CancellationToken cancellationToken)
    {
        // Other selections of a directory are other copies: one must not remove what the other keeps.
        if (session.SharedKey.Length > 0 && contexts.Take(string.Join('\0', [session.SharedKey, request.Name, .. request.FollowPaths])) is { } kept)
        {
            lock (_kept)
                _kept.Add(kept);
            await kept.UpdateAsync(request, known => session.ReceiveAsync(known, kept.Path, progress, cancellationToken));
            _received[kept.Path] = request;
            return (kept.Path, kept.Identity);
        }

        var temporary = contexts.MakeTemporary();
        lock (_temporary)
            _temporary.Add(temporary);
        await session.ReceiveAsync(request, temporary, progress, cancellationToken);
        _received[temporary] = request;
        return (temporary, KeptContext.NewIdentity());
    }
}
