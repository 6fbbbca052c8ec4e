using Gantry.Archive;
using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Patterns;

namespace Gantry.Engine.Uploads;

/// <summary>The archive that one build was sent, unpacked: it is both the context and where the Dockerfile is. Disposing removes it.</summary>
public sealed class BuildUpload : IContextFiles, IDisposable
{
    /// <summary>The name of the directory that a build is of.</summary>
    public const string Context = "context";

    /// <summary>The name of the directory that the Dockerfile is in.</summary>
    public const string Dockerfile = "dockerfile";

    internal BuildUpload(string root) => Root = root;

    internal string Root { get; }

    /// <inheritdoc/>
    public string SharedKey => "";

    /// <inheritdoc/>
    public async Task<ContextReceipt> ReceiveAsync(ContextRequest request, string directory, Action<long>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Name is not (Context or Dockerfile))
            throw GantryException.Of(ErrorKind.NotFound, $"the client sent no directory \"{request.Name}\" with this build");
        await Threads.RunAsync(() =>
        {
            using var tree = new TreeListing(Root);
            foreach (var old in Directory.EnumerateFileSystemEntries(directory))
                Trees.Remove(old);
            var links = new TreeLinks(PatternMatcher.Parse(request.Excludes), FollowedPaths.Of(tree, request.FollowPaths), cancellationToken);
            links.Link(Root, directory);
            progress?.Invoke(links.Bytes);
        });
        return ContextReceipt.Anew;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>?> ListAsync(ContextRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await Threads.RunAsync(() =>
        {
            using var all = new TreeListing(Root);
            using var chosen = new TreeListing(Root, PatternMatcher.Parse(request.Excludes), FollowedPaths.Of(all, request.FollowPaths));
            return chosen.List().Select(static found => found.Entry.Path).ToList();
        });
    }

    /// <inheritdoc/>
    public void Dispose() => Trees.TryRemove(Root);
}
