using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Checks a commit out into a tree of its own, by the host's git.</summary>
/// <remarks>Source: BuildKit source/git.</remarks>
internal sealed class GitCheckout(IBuildSession session)
{
    private const string EveryBranch = "+refs/heads/*:refs/remotes/origin/*";

    private readonly ConcurrentDictionary<Digest, DateTimeOffset> _times = new();

    /// <summary>The time of a commit that was checked out; null: this is none.</summary>
    public DateTimeOffset? CommitTimeOf(Vertex source) => _times.TryGetValue(source.Digest, out var time) ? time : null;

    /// <summary>Fetches the commit and checks it out.</summary>
    /// <exception cref="GantryException">Unavailable: git is missing, or cannot fetch it. Invalid: it is another commit than its checksum says.</exception>
    public async Task<StepResult> RunAsync(GitSource source, string directory, IBuildProgress progress, CancellationToken cancellationToken)
    {
        if (source.Ref is ['-', ..])
            throw GantryException.Of(ErrorKind.Invalid, $"invalid Git ref {source.Ref}: it begins with a dash, as an option of git would");
        if (source.Checksum is { } checksum && !checksum.All(char.IsAsciiHexDigit))
            throw GantryException.Of(ErrorKind.Invalid, $"invalid checksum {checksum} for Git URL, expected hex commit hash");
        if (IsCommit(source.Ref) && source.Checksum is { } other && !source.Ref!.StartsWith(other, StringComparison.OrdinalIgnoreCase))
            throw NotTheCommit(other, source.Ref);
        var git = new Runner(source, directory, await LoginAsync(source.Url, cancellationToken), progress, cancellationToken);
        var commit = await FetchAsync(git, source);
        if (source.Checksum is { } wanted && !commit.StartsWith(wanted, StringComparison.OrdinalIgnoreCase))
            throw NotTheCommit(wanted, commit);
        await git.RunAsync("checkout", "-q", "--detach", commit);
        if (!source.SkipsSubmodules)
            await git.WithDepthAsync("submodule", "-q", "update", "--init", "--recursive", "--depth=1");
        var seconds = long.Parse(await git.RunAsync("log", "-1", "--format=%ct", commit), CultureInfo.InvariantCulture);
        var time = _times[source.Digest] = DateTimeOffset.FromUnixTimeSeconds(Math.Max(0, seconds));
        if (!source.KeepGitDirectory)
            Trees.Remove(Path.Combine(directory, ".git"));
        if (source.KeepsCommitTime)
            SetTimes(directory, time.UtcDateTime);
        var part = PartOf(directory, source);
        using var key = new KeyWriter();
        return new()
        {
            Identity = key.Add(commit).Add(source.Subdirectory).Add(source.KeepGitDirectory).Add(source.SkipsSubmodules).Add(source.KeepsCommitTime).Finish(),
            Reference = new BuildTree { Directory = part, OwnedByRoot = true }.Reference,
            Revision = commit,
        };
    }

    private static bool IsCommit(string? text) => text is { Length: 40 or 64 } && text.All(char.IsAsciiHexDigit);

    private static GantryException NotTheCommit(string wanted, string commit) => GantryException.Of(ErrorKind.Invalid, $"expected checksum to match {wanted}, got {commit}");

    // As little as there can be; what old servers and commits without a name allow only in part is fetched whole.
    private static async Task<string> FetchAsync(Runner git, GitSource source)
    {
        await git.InitAsync("sha1");
        // The beginning of a commit cannot be asked for.
        var isBeginning = source.Ref is not null && source.Ref == source.Checksum && !IsCommit(source.Ref);
        if (!isBeginning)
        {
            var fetched = await git.TryWithDepthAsync("fetch", "-q", "--depth=1", "--no-tags", "origin", source.Ref ?? "HEAD");
            if (fetched is { ExitCode: not 0 } && fetched.Error.Contains("mismatched algorithms", StringComparison.Ordinal))
            {
                Trees.Remove(Path.Combine(git.Directory, ".git"));
                await git.InitAsync("sha256");
                fetched = await git.TryWithDepthAsync("fetch", "-q", "--depth=1", "--no-tags", "origin", source.Ref ?? "HEAD");
            }

            if (fetched.ExitCode == 0)
                return (await git.RunAsync("rev-parse", "FETCH_HEAD^{commit}")).Trim();
            if (fetched.Error.Contains("couldn't find remote ref", StringComparison.OrdinalIgnoreCase) && !IsCommit(source.Ref))
                throw GantryException.Of(ErrorKind.NotFound, $"repository does not contain ref {source.Ref}, output: {GoText.Quote("")}");
            if (!IsCommit(source.Ref))
                throw git.Failure("fetch", fetched);
        }

        await git.RunAsync("fetch", "-q", "--tags", "origin", EveryBranch);
        var found = await git.TryAsync("rev-parse", "--verify", "-q", source.Ref + "^{commit}");
        return found.ExitCode == 0
            ? found.Output.Trim()
            : throw GantryException.Of(ErrorKind.NotFound, $"repository does not contain ref {source.Ref}, output: {GoText.Quote("")}");
    }

    private static string PartOf(string directory, GitSource source)
    {
        if (source.Subdirectory?.Trim('/') is not { Length: > 0 } subdirectory || subdirectory == ".")
            return directory;
        var part = Path.GetFullPath(Path.Combine(directory, subdirectory));
        if (!part.StartsWith(directory + "/", StringComparison.Ordinal) || !Directory.Exists(part) || new DirectoryInfo(part).LinkTarget is not null)
            throw GantryException.Of(ErrorKind.NotFound, $"subdir \"{source.Subdirectory}\" not found in {source.Url}");
        return part;
    }

    private static void SetTimes(string directory, DateTime time)
    {
        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } below && below.Name != ".git")
                SetTimes(below.FullName, time);
            else if (entry.LinkTarget is null)
                entry.LastWriteTimeUtc = time;
        }

        Directory.SetLastWriteTimeUtc(directory, time);
    }

    // A secret of the server's name, or one for all servers, is a login.
    private async Task<string?> LoginAsync(string url, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            return null;
        foreach (var suffix in (string[])["." + address.Authority, string.Empty])
        {
            if (await session.FindSecretAsync("GIT_AUTH_HEADER" + suffix, cancellationToken) is { } header)
                return Encoding.UTF8.GetString(header).Trim();
            if (await session.FindSecretAsync("GIT_AUTH_TOKEN" + suffix, cancellationToken) is { } token)
                return "basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("x-access-token:" + Encoding.UTF8.GetString(token).Trim()));
        }

        return null;
    }

    private readonly record struct Ended(int ExitCode, string Output, string Error);

    /// <summary>Runs git in one directory.</summary>
    private sealed class Runner(GitSource source, string directory, string? login, IBuildProgress progress, CancellationToken cancellationToken)
    {
        public string Directory => directory;

        /// <summary>Makes an empty repository that knows the other one.</summary>
        public async Task InitAsync(string format)
        {
            await RunAsync("init", "-q", "--object-format=" + format);
            await RunAsync("remote", "add", "--", "origin", source.Url);
        }

        /// <summary>What it prints.</summary>
        public async Task<string> RunAsync(params string[] arguments)
        {
            var ended = await TryAsync(arguments);
            return ended.ExitCode == 0 ? ended.Output : throw Failure(arguments[0], ended);
        }

        /// <summary>The same, whole where the server gives no history in part.</summary>
        public async Task WithDepthAsync(params string[] arguments)
        {
            var ended = await TryWithDepthAsync(arguments);
            if (ended.ExitCode != 0)
                throw Failure(arguments[0], ended);
        }

        public async Task<Ended> TryWithDepthAsync(params string[] arguments)
        {
            var ended = await TryAsync(arguments);
            return ended.ExitCode != 0 && (ended.Error.Contains("--depth", StringComparison.Ordinal) || ended.Error.Contains("shallow", StringComparison.Ordinal))
                ? await TryAsync([.. arguments.Where(static argument => argument != "--depth=1")])
                : ended;
        }

        public GantryException Failure(string command, Ended ended) =>
            GantryException.Of(ErrorKind.Unavailable, string.Create(CultureInfo.InvariantCulture, $"failed to fetch {source.Url}: git {command} ended with {ended.ExitCode}: {ended.Error.Trim()}"));

        public async Task<Ended> TryAsync(params string[] arguments)
        {
            using var git = Start(arguments);
            try
            {
                var errors = git.StandardError.ReadToEndAsync(cancellationToken);
                var output = await git.StandardOutput.ReadToEndAsync(cancellationToken);
                var said = await errors;
                await git.WaitForExitAsync(cancellationToken);
                if (said.Length > 0)
                    progress.Report(new VertexLog { Vertex = source.Digest, Stream = 2, Data = Encoding.UTF8.GetBytes(said), Time = DateTimeOffset.UnixEpoch });
                return new(git.ExitCode, output, said);
            }
            catch (OperationCanceledException)
            {
                git.Kill(entireProcessTree: true);
                throw;
            }
        }

        private Process Start(string[] arguments)
        {
            var start = new ProcessStartInfo("git") { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
            // Nobody is there to be asked, and what a stranger's repository says must not run programs.
            start.Environment["GIT_TERMINAL_PROMPT"] = "0";
            start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
            start.Environment["HOME"] = directory;
            start.Environment["LC_ALL"] = "C";
            if (login is not null)
            {
                // By the environment: everybody can read another's arguments.
                start.Environment["GIT_CONFIG_COUNT"] = "1";
                start.Environment["GIT_CONFIG_KEY_0"] = $"http.{source.Url}.extraheader";
                start.Environment["GIT_CONFIG_VALUE_0"] = "Authorization: " + login;
            }

            foreach (var argument in (string[])["-c", "protocol.file.allow=never", "-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "init.defaultBranch=master", "-c", "advice.detachedHead=false", .. arguments])
                start.ArgumentList.Add(argument);
            try
            {
                return Process.Start(start)!;
            }
            catch (System.ComponentModel.Win32Exception missing)
            {
                throw GantryException.Of(ErrorKind.Unavailable, $"{source.Url} needs git on the engine's machine, and there is none: install it, as in \"apt-get install git\"", cause: missing);
            }
        }
    }
}
