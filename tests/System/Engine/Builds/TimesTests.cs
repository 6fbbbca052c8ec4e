using System.Diagnostics;
using Gantry.Build;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>What is built once more, elsewhere or later, is the same image.</summary>
public sealed class TimesTests : IAsyncLifetime
{
    private const string Epoch = "1700000000";

    // Made, copied up, linked, removed and replaced files; directories of the tree and of the step.
    private const string Dockerfile = """
        FROM scratch
        COPY busybox /bin/busybox
        SHELL ["/bin/busybox", "sh", "-c"]
        COPY src /src
        WORKDIR /app
        RUN busybox mkdir d && echo a > d/a && busybox ln d/a d/b && busybox ln -s a d/c && busybox rm /src/gone
        RUN echo more >> /src/old && busybox chmod 700 /src/kept && busybox rm -r d && busybox mkdir d && echo new > d/new
        COPY --link src/old /linked/old
        """;

    private BuildHost _one = null!;
    private BuildHost _two = null!;

    public async ValueTask InitializeAsync() => (_one, _two) = (await StartAsync(), await StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task TwoEnginesMakeOneImage()
    {
        var first = await BuildAsync(_one, Dockerfile, Epoch);
        File.SetLastWriteTimeUtc(Path.Combine(_two.Context, "src", "old"), new(2022, 5, 5, 5, 5, 5, DateTimeKind.Utc));
        var second = await BuildAsync(_two, Dockerfile, Epoch);
        Assert.Equal(first.Image, second.Image);
        Assert.Equal(first.Manifest, second.Manifest);
        var image = await _one.Host.Engine.Images.InspectAsync("built:test", _one.Host.Token);
        Assert.Equal("2023-11-14T22:13:20Z", image.Created);
        Assert.All(await _one.Host.Engine.Images.HistoryAsync("built:test", _one.Host.Token), h => Assert.Equal(1700000000, h.Created));
    }

    [Fact]
    public async Task ACacheOfAnotherTimeChangesNothing()
    {
        await BuildAsync(_one, Dockerfile, "1600000000");
        // Later than all that was there, and than the steps.
        var cached = await BuildAsync(_one, Dockerfile, "4000000000");
        var fresh = await BuildAsync(_two, Dockerfile, "4000000000");
        Assert.Equal(fresh.Image, cached.Image);
        // And once more, of what is known.
        Assert.Equal(cached.Image, (await BuildAsync(_one, Dockerfile, "4000000000")).Image);
    }

    [Fact]
    public async Task FilesHaveTheTimeAndOlderOnesTheirOwn()
    {
        _one.Write("Dockerfile", "");
        await BuildAsync(_one, $"""
            FROM {EngineHost.Image}
            RUN touch /now && touch -d "2001-02-03 00:00:00" /older && mkdir /made && rm /data/seed && echo x >> /etc/passwd && stat -c %Y /etc/group > /before
            RUN busybox chmod 600 /older /etc/group /now
            """, Epoch);
        var shown = await _one.ShellAsync("stat -c %Y /now /older /made /data /etc/passwd; test \"$(stat -c %Y /etc/group)\" = \"$(cat /before)\" && echo kept");
        Assert.Equal("1700000000\n981158400\n1700000000\n1700000000\n1700000000\nkept\n", shown);
        // The archive that is written of its layers is the one that they were named for.
        await _one.BuildAsync("FROM built:test\n", spec => spec with { Outputs = [new BuildOutput { Kind = BuildOutputKind.Docker, Names = ["again:test"] }] });
        Assert.NotEqual(0, _one.Session.Sent.Length);
    }

    [Fact]
    public async Task TimesStayWhereNobodyWantsThem()
    {
        await _one.BuildAsync($"FROM {EngineHost.Image}\nRUN touch /now\n", spec => spec with
        {
            Arguments = new Dictionary<string, string?> { ["SOURCE_DATE_EPOCH"] = Epoch },
            Outputs = [spec.Outputs[0] with { Attributes = new Dictionary<string, string> { ["rewrite-timestamp"] = "false" } }],
        });
        Assert.NotEqual("1700000000\n", await _one.ShellAsync("stat -c %Y /now"));
    }

    [Fact]
    public async Task ACommitHasItsTimeAndKeepsTheCache()
    {
        using var server = await GitServer.StartAsync(_one.Context, "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \"echo x > /x\"]\nCOPY src /src\nRUN [\"/bin/busybox\", \"chmod\", \"700\", \"/src/kept\"]\n");
        var first = await BuildAsync(_one, server.Address);
        var image = await _one.Host.Engine.Images.InspectAsync("built:test", _one.Host.Token);
        Assert.Equal("2020-01-02T03:04:05Z", image.Created);
        Assert.Equal(first.Image, (await BuildAsync(_two, server.Address)).Image);

        // The next commit has another time; what it did not change is not run again, and the image is that of a fresh build.
        server.Commit("src/old", "changed", "2021-01-02T03:04:05Z");
        var cached = await BuildAsync(_one, server.Address);
        Assert.Contains(_one.Log.Cached, name => name.Contains("RUN", StringComparison.Ordinal));
        var fresh = await _two.BuildAsync("", spec => spec with { Context = server.Address, NoCache = true });
        Assert.Equal(fresh.Image, cached.Image);
        Assert.NotEqual(first.Image, cached.Image);
    }

    private static async Task<BuildHost> StartAsync()
    {
        var host = await BuildHost.StartAsync();
        File.Copy("/bin/busybox", Path.Combine(host.Context, "busybox"));
        foreach (var name in (string[])["old", "kept", "gone"])
        {
            host.Write("src/" + name, name);
            File.SetLastWriteTimeUtc(Path.Combine(host.Context, "src", name), new(2020, 2, 2, 2, 2, 2, DateTimeKind.Utc));
        }

        return host;
    }

    private static Task<BuildOutcome> BuildAsync(BuildHost host, string dockerfile, string epoch) =>
        host.BuildAsync(dockerfile, spec => spec with { Arguments = new Dictionary<string, string?> { ["SOURCE_DATE_EPOCH"] = epoch } });

    private static Task<BuildOutcome> BuildAsync(BuildHost host, string context) => host.BuildAsync("", spec => spec with { Context = context });

    /// <summary>A repository of a directory's files, and git's own server for it.</summary>
    private sealed class GitServer : IDisposable
    {
        private readonly string _root;
        private readonly Process _daemon;

        private GitServer(string root, Process daemon, int port) => (_root, _daemon, Address) = (root, daemon, $"git://127.0.0.1:{port}/repository.git");

        public string Address { get; }

        public static async Task<GitServer> StartAsync(string files, string dockerfile)
        {
            var root = Directory.CreateTempSubdirectory("gantry-git-").FullName;
            Directory.CreateDirectory(Path.Combine(root, "repository.git"));
            Run("/bin/cp", "", "-a", files + "/.", Path.Combine(root, "repository.git"));
            await File.WriteAllTextAsync(Path.Combine(root, "repository.git", "Dockerfile"), dockerfile);
            var port = FreePort();
            var daemon = Process.Start(new ProcessStartInfo("git") { ArgumentList = { "daemon", "--reuseaddr", "--listen=127.0.0.1", $"--port={port}", "--export-all", $"--base-path={root}" }, RedirectStandardError = true })!;
            var server = new GitServer(root, daemon, port);
            server.Git("", "init", "-q");
            server.Commit("note", "first", "2020-01-02T03:04:05Z");
            await Eventually.HoldsAsync("git answers", () => Task.FromResult(Answers(port)));
            return server;
        }

        public void Commit(string path, string text, string time)
        {
            File.WriteAllText(Path.Combine(_root, "repository.git", path), text);
            Git("", "add", "-A");
            Git(time, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-q", "-m", "change");
        }

        public void Dispose()
        {
            _daemon.Kill(entireProcessTree: true);
            _daemon.WaitForExit();
            _daemon.Dispose();
            Directory.Delete(_root, recursive: true);
        }

        private static bool Answers(int port)
        {
            try
            {
                using var client = new global::System.Net.Sockets.TcpClient("127.0.0.1", port);
                return true;
            }
            catch (global::System.Net.Sockets.SocketException)
            {
                return false;
            }
        }

        private static int FreePort()
        {
            using var listener = new global::System.Net.Sockets.TcpListener(global::System.Net.IPAddress.Loopback, 0);
            listener.Start();
            return ((global::System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        }

        private void Git(string time, params IReadOnlyList<string> arguments) => Run("git", time, ["-C", Path.Combine(_root, "repository.git"), .. arguments]);

        private static void Run(string program, string time, params IReadOnlyList<string> arguments)
        {
            var start = new ProcessStartInfo(program);
            start.Environment["GIT_COMMITTER_DATE"] = start.Environment["GIT_AUTHOR_DATE"] = time;
            start.Environment["HOME"] = "/nonexistent";
            foreach (var argument in arguments)
                start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
    }
}
