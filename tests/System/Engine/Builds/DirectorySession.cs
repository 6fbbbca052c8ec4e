using Gantry.Build;
using Gantry.Model;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>A client whose context and Dockerfile are one directory of this machine.</summary>
internal sealed class DirectorySession(string context) : IBuildSession
{
    public Dictionary<string, byte[]> Secrets { get; } = [];

    public Dictionary<string, RegistryLogin> Logins { get; } = [];

    /// <summary>Of the last archive that was sent.</summary>
    public MemoryStream Sent { get; } = new();

    public List<string> SentFiles { get; } = [];

    /// <summary>Looks into failed steps; null: nobody does.</summary>
    public Func<Vertex, Func<CancellationToken, Task<IStepShell>>, CancellationToken, Task>? Visit { get; set; }

    /// <summary>Further directories of the client's, by their names, and by the exporters that fill them.</summary>
    public Dictionary<string, string> Directories { get; } = [];

    /// <summary>Is done before files are sent; null: nothing.</summary>
    public Func<CancellationToken, Task>? Receiving { get; set; }

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public string SharedKey => "";

    public async Task<ContextReceipt> ReceiveAsync(ContextRequest request, string to, Action<long>? progress, CancellationToken cancellationToken)
    {
        if (Receiving is not null)
            await Receiving(cancellationToken);
        var directory = Directories.GetValueOrDefault(request.Name, context);
        var matcher = Gantry.Model.Patterns.PatternMatcher.Parse(request.Excludes);
        foreach (var path in Directory.EnumerateFiles(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }))
        {
            var name = Path.GetRelativePath(directory, path);
            if (matcher.Matches(name) || (request.FollowPaths.Count > 0 && !request.FollowPaths.Any(f => f.Trim('/') is "" or "." || name == f.Trim('/') || name.StartsWith(f.Trim('/') + "/", StringComparison.Ordinal) || f.Contains('*', StringComparison.Ordinal))))
                continue;
            var target = Path.Combine(to, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (new FileInfo(path).LinkTarget is { } link)
                File.CreateSymbolicLink(target, link);
            else
                File.Copy(path, target, overwrite: true);
        }

        return ContextReceipt.Anew;
    }

    // As buildx's: "directory/*" and what is below, but for what is left out.
    public Task<IReadOnlyList<string>?> ListAsync(ContextRequest request, CancellationToken cancellationToken)
    {
        var directory = Directories.GetValueOrDefault(request.Name, context);
        var matcher = Gantry.Model.Patterns.PatternMatcher.Parse(request.Excludes);
        var below = request.FollowPaths.Select(path => path[..^1]).Single();
        return Task.FromResult<IReadOnlyList<string>?>([.. Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(directory, path)).Where(name => name.StartsWith(below, StringComparison.Ordinal) && !matcher.Matches(name))]);
    }

    public bool VisitsFailures => Visit is not null;

    public Task VisitAsync(Vertex step, Func<CancellationToken, Task<IStepShell>> open, CancellationToken cancellationToken) =>
        Visit?.Invoke(step, open, cancellationToken) ?? Task.CompletedTask;

    public async Task ReadBlobAsync(string layout, Digest blob, Action<ReadOnlyMemory<byte>> sink, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Directories.GetValueOrDefault(layout) ?? Path.Combine(context, layout), "blobs", blob.Algorithm, blob.Hex);
        sink(File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellationToken) : throw GantryException.Of(ErrorKind.NotFound, $"no blob {blob}"));
    }

    public Task<byte[]?> FindSecretAsync(string id, CancellationToken cancellationToken) => Task.FromResult(Secrets.GetValueOrDefault(id));

    public Task<bool> HasAgentAsync(string id, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<Stream> OpenAgentAsync(string id, CancellationToken cancellationToken) => throw GantryException.Of(ErrorKind.NotFound, "no agent");

    public Task<RegistryLogin?> FindLoginAsync(string host, CancellationToken cancellationToken) => Task.FromResult(Logins.GetValueOrDefault(host));

    public Task SendArchiveAsync(BuildOutput output, Stream archive, CancellationToken cancellationToken) => archive.CopyToAsync(Sent, cancellationToken);

    public Task SendDirectoryAsync(BuildOutput output, string sent, CancellationToken cancellationToken)
    {
        if (Directories.TryGetValue(output.ExporterId ?? "", out var target))
        {
            foreach (var path in Directory.EnumerateFiles(sent, "*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(target, Path.GetRelativePath(sent, path));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(path, copy, overwrite: true);
            }

            return Task.CompletedTask;
        }

        SentFiles.Clear();
        SentFiles.AddRange(Directory.EnumerateFiles(sent, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Select(path => Path.GetRelativePath(sent, path)).Order(StringComparer.Ordinal));
        return Task.CompletedTask;
    }
}
