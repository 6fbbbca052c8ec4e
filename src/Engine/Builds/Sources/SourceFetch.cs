using System.Collections.Concurrent;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Fetches what ADD and contexts name by URL: files of web servers, and git commits.</summary>
/// <remarks>On disk: <c>builds/sources/NAME</c> while the build lasts.</remarks>
internal sealed class SourceFetch(string root, HttpDownload download, GitCheckout git) : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly List<string> _made = [];
    private readonly ConcurrentDictionary<Digest, Lazy<Task<StepResult>>> _fetched = new();
    private readonly ConcurrentDictionary<Digest, string> _resolved = new();

    /// <summary>What a source turned out to be: a git commit, or a file's digest; null: it was not fetched.</summary>
    public string? FindResolved(Vertex source) => _resolved.GetValueOrDefault(source.Digest);

    /// <summary>The files of a web server or a repository; fetched once, however often the build asks.</summary>
    public Task<StepResult> GetAsync(Vertex source, IBuildProgress progress, CancellationToken cancellationToken) => _fetched.GetOrAdd(source.Digest, _ => new(() => source switch
    {
        HttpSource file => NotedAsync(file, download.RunAsync(file, NewDirectory(), progress, cancellationToken)),
        GitSource repository => NotedAsync(repository, git.RunAsync(repository, NewDirectory(), progress, cancellationToken)),
        _ => throw new InvalidOperationException($"{source.GetType().Name} is not fetched"),
    })).Value;

    /// <summary>The time of a commit that was fetched; null: this is none.</summary>
    public DateTimeOffset? CommitTimeOf(Vertex source) => git.CommitTimeOf(source);

    public void Dispose()
    {
        foreach (var path in _made)
            Trees.TryRemove(path);
    }

    private async Task<StepResult> NotedAsync(Vertex source, Task<StepResult> fetching)
    {
        var result = await fetching;
        if (result.Revision is { } revision)
            _resolved[source.Digest] = revision;
        return result;
    }

    private string NewDirectory()
    {
        var path = Path.Combine(root, Path.GetRandomFileName());
        Directory.CreateDirectory(path, Private);
        lock (_made)
            _made.Add(path);
        return path;
    }
}
