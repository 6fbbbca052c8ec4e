using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Fetches what ADD names by URL: files of web servers, and git commits by the host's git.</summary>
/// <remarks>On disk: <c>builds/sources/NAME</c> while the build lasts.</remarks>
internal sealed class SourceFetch(string root, HttpClient http, TimeProvider time) : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int BufferBytes = 128 << 10;

    private readonly List<string> _made = [];
    private readonly ConcurrentDictionary<Digest, Lazy<Task<StepResult>>> _fetched = new();

    /// <summary>The files of a web server or a repository; fetched once, however often the build asks.</summary>
    public Task<StepResult> GetAsync(Vertex source, IBuildProgress progress, CancellationToken cancellationToken) => _fetched.GetOrAdd(source.Digest, _ => new(() => source switch
    {
        HttpSource http => DownloadAsync(http, progress, cancellationToken),
        GitSource git => CheckOutAsync(git, progress, cancellationToken),
        _ => throw new InvalidOperationException($"{source.GetType().Name} is not fetched"),
    })).Value;

    /// <summary>Downloads a file into a tree of its own.</summary>
    /// <exception cref="GantryException">Unavailable: the server does not give it. Invalid: it is not what its checksum says.</exception>
    private async Task<StepResult> DownloadAsync(HttpSource source, IBuildProgress progress, CancellationToken cancellationToken)
    {
        var directory = NewDirectory();
        try
        {
            using var response = await http.GetAsync(new Uri(source.Url), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
                throw GantryException.Of(ErrorKind.Unavailable, $"invalid response status {(int)response.StatusCode} from {source.Url}");
            var path = Path.Combine(directory, source.FileName ?? NameOf(response, source.Url));
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using (var body = await response.Content.ReadAsStreamAsync(cancellationToken))
            await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
            {
                var buffer = new byte[BufferBytes];
                for (long received = 0; await body.ReadAsync(buffer, cancellationToken) is > 0 and var read;)
                {
                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                    received += read;
                    progress.Report(new VertexStatus { Vertex = source.Digest, Id = "downloading", Current = received, Total = response.Content.Headers.ContentLength ?? 0, Time = time.GetUtcNow() });
                }
            }

            var digest = Digest.OfSha256(hash.GetHashAndReset());
            if (source.Checksum is { } wanted && wanted != digest)
                throw GantryException.Of(ErrorKind.Invalid, $"digest mismatch {digest}: {wanted}");
            File.SetUnixFileMode(path, (UnixFileMode)(source.Mode ?? 0x180));
            File.SetLastWriteTimeUtc(path, (response.Content.Headers.LastModified ?? DateTimeOffset.UnixEpoch).UtcDateTime);
            using var key = new KeyWriter();
            return new() { Identity = key.Add(digest.ToString()).Add(Path.GetFileName(path)).Add(source.Mode ?? -1).Finish(), Reference = new BuildTree { Directory = directory, OwnedByRoot = true }.Reference };
        }
        catch (HttpRequestException failure)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"failed to load {source.Url}: {failure.Message}", cause: failure);
        }
    }

    /// <summary>Checks a commit out into a tree of its own.</summary>
    /// <exception cref="GantryException">Unavailable: git is missing, or cannot fetch it. Invalid: it is another commit than its checksum says.</exception>
    private async Task<StepResult> CheckOutAsync(GitSource source, IBuildProgress progress, CancellationToken cancellationToken)
    {
        var directory = NewDirectory();
        await GitAsync(directory, source, progress, cancellationToken, "init", "-q");
        await GitAsync(directory, source, progress, cancellationToken, "fetch", "-q", "--depth=1", "--", source.Url, source.Ref ?? "HEAD");
        var commit = (await GitAsync(directory, source, progress, cancellationToken, "rev-parse", "FETCH_HEAD^{commit}")).Trim();
        if (source.Checksum is { } wanted && !commit.StartsWith(wanted, StringComparison.Ordinal))
            throw GantryException.Of(ErrorKind.Invalid, $"expected checksum to match {wanted}, got {commit}");
        await GitAsync(directory, source, progress, cancellationToken, "checkout", "-q", "--detach", commit);
        if (!source.SkipsSubmodules)
            await GitAsync(directory, source, progress, cancellationToken, "submodule", "-q", "update", "--init", "--recursive", "--depth=1");
        if (!source.KeepGitDirectory)
            Trees.Remove(Path.Combine(directory, ".git"));
        var part = directory;
        if (source.Subdirectory is { Length: > 0 } subdirectory)
        {
            part = Path.GetFullPath(Path.Combine(directory, subdirectory.Trim('/')));
            if (!part.StartsWith(directory + "/", StringComparison.Ordinal) || !Directory.Exists(part) || new DirectoryInfo(part).LinkTarget is not null)
                throw GantryException.Of(ErrorKind.NotFound, $"subdir \"{subdirectory}\" not found in {source.Url}");
        }

        using var key = new KeyWriter();
        return new() { Identity = key.Add(commit).Add(source.Subdirectory).Add(source.KeepGitDirectory).Add(source.SkipsSubmodules).Finish(), Reference = new BuildTree { Directory = part, OwnedByRoot = true }.Reference };
    }

    public void Dispose()
    {
        foreach (var path in _made)
            Trees.TryRemove(path);
    }

    private string NewDirectory()
    {
        var path = Path.Combine(root, Path.GetRandomFileName());
        Directory.CreateDirectory(path, Private);
        lock (_made)
            _made.Add(path);
        return path;
    }

    // Source: BuildKit source/http, the name by header or URL.
    private static string NameOf(HttpResponseMessage response, string url)
    {
        var named = response.Content.Headers.ContentDisposition?.FileName?.Trim('"') ?? Uri.UnescapeDataString(new Uri(url).AbsolutePath.TrimEnd('/').Split('/')[^1]);
        return named.Length is 0 or > 255 || named is "." or ".." || named.Contains('/', StringComparison.Ordinal) || named.Contains('\0', StringComparison.Ordinal) ? "__unnamed__" : named;
    }

    private static async Task<string> GitAsync(string directory, GitSource source, IBuildProgress progress, CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        // Nobody is there to be asked, and what a stranger's repository says must not run programs.
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["HOME"] = directory;
        foreach (var argument in (string[])["-c", "protocol.file.allow=never", "-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", .. arguments])
            start.ArgumentList.Add(argument);
        Process git;
        try
        {
            git = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"{source.Url} needs git on the engine's machine, and there is none: install it, as in \"apt-get install git\"", cause: missing);
        }

        using (git)
        {
            try
            {
                var errors = git.StandardError.ReadToEndAsync(cancellationToken);
                var output = await git.StandardOutput.ReadToEndAsync(cancellationToken);
                var said = await errors;
                await git.WaitForExitAsync(cancellationToken);
                if (said.Length > 0)
                    progress.Report(new VertexLog { Vertex = source.Digest, Stream = 2, Data = Encoding.UTF8.GetBytes(said), Time = DateTimeOffset.UnixEpoch });
                return git.ExitCode == 0 ? output : throw GantryException.Of(ErrorKind.Unavailable, string.Create(CultureInfo.InvariantCulture, $"failed to fetch {source.Url}: git {arguments[0]} ended with {git.ExitCode}: {said.Trim()}"));
            }
            catch (OperationCanceledException)
            {
                git.Kill(entireProcessTree: true);
                throw;
            }
        }
    }
}
