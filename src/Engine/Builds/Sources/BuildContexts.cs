using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>The directories that one build's client sends. What was sent before is kept, so that only changes are sent again.</summary>
/// <remarks>On disk: <c>builds/contexts/NAME</c>, the name a digest of the client's key and the context's name.</remarks>
internal sealed class BuildContexts(string root, ConcurrentDictionary<string, byte> taken, IBuildSession session, TimeProvider time) : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly List<string> _temporary = [];
    private readonly List<string> _kept = [];

    /// <summary>The files of a context.</summary>
    /// <exception cref="GantryException">NotFound: the client has no such directory. Invalid: what it sent cannot be used.</exception>
    public async Task<StepResult> ReceiveAsync(LocalContext context, IBuildProgress progress, CancellationToken cancellationToken)
    {
        var directory = await ReceiveAsync(
            new ContextRequest { Name = context.Context, Excludes = context.Excludes, FollowPaths = context.FollowPaths },
            bytes => progress.Report(new VertexStatus { Vertex = context.Digest, Id = "transferring context:", Current = bytes, Time = time.GetUtcNow() }),
            cancellationToken);
        return new()
        {
            // What it holds is known by its content alone, which is read when a step needs it.
            Identity = Digest.OfSha256(RandomNumberGenerator.GetBytes(32)),
            Reference = new BuildTree { Directory = directory, OwnedByRoot = true }.Reference,
        };
    }

    /// <summary>Brings a directory up to date with the client's; returns its path, good until this is disposed.</summary>
    public async Task<string> ReceiveAsync(ContextRequest request, Action<long>? progress, CancellationToken cancellationToken)
    {
        var directory = Take(request);
        await session.ReceiveAsync(request, directory, progress, cancellationToken);
        return directory;
    }

    public void Dispose()
    {
        foreach (var path in _temporary)
            Trees.TryRemove(path);
        foreach (var path in _kept)
            taken.TryRemove(path, out _);
    }

    private string Take(ContextRequest request)
    {
        if (session.SharedKey.Length > 0)
        {
            // Other selections of a directory are other copies: one must not remove what the other keeps.
            var key = string.Join('\0', [session.SharedKey, request.Name, .. request.FollowPaths]);
            var path = Path.Combine(root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32]);
            if (taken.TryAdd(path, 0))
            {
                lock (_kept)
                    _kept.Add(path);
                Directory.CreateDirectory(path, Private);
                return path;
            }
        }

        var temporary = Path.Combine(root, "." + Path.GetRandomFileName());
        Directory.CreateDirectory(temporary, Private);
        lock (_temporary)
            _temporary.Add(temporary);
        return temporary;
    }
}
