using System.Security.Cryptography;
using System.Text;
using Gantry.Model;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>ADD and contexts from web servers and git repositories.</summary>
public sealed class SourceTests : IAsyncLifetime
{
    private readonly string _served = Directory.CreateTempSubdirectory("gantry-served-").FullName;
    private BuildHost _host = null!;
    private FileServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildHost.StartAsync();
        _server = new(_served);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _server.Dispose();
        Directory.Delete(_served, recursive: true);
    }

    [Fact]
    public async Task FilesOfWebServers()
    {
        Serve("a file.txt", "content");
        File.SetLastWriteTimeUtc(Path.Combine(_served, "a file.txt"), DateTime.UnixEpoch.AddSeconds(1_000_000_000));
        var digest = Convert.ToHexStringLower(SHA512.HashData("content"u8));
        await _host.BuildAsync($"""
            FROM busybox:test
            ADD {_server.Url}/a%20file.txt /d/
            ADD --chmod=640 --chown=3:4 --checksum=sha512:{digest} {_server.Url}/a%20file.txt?x=1 /named
            """);
        Assert.Equal("600 0 0 1000000000\n640 3 4 1000000000\ncontent", await _host.ShellAsync("stat -c '%a %u %g %Y' '/d/a file.txt' /named; cat /named"));
        await RefusedAsync($"ADD --checksum=sha256:{new string('0', 64)} {_server.Url}/a%20file.txt /x", "digest mismatch sha256:");
        await RefusedAsync($"ADD {_server.Url}/absent /x", "invalid response status 404");
    }

    [Fact]
    public async Task SecretsAreLogins()
    {
        Serve("a", "content");
        _server.Login = "Bearer t0ken";
        await RefusedAsync($"ADD {_server.Url}/a /x", "invalid response status 401");
        _host.Session.Secrets["HTTP_AUTH_TOKEN_127.0.0.1"] = "t0ken\n"u8.ToArray();
        await _host.BuildAsync($"FROM busybox:test\nADD {_server.Url}/a /x\n");
        _host.Session.Secrets.Clear();
        _host.Session.Secrets["HTTP_AUTH_HEADER_127.0.0.1"] = "Basic eHk="u8.ToArray();
        _server.Login = "Basic eHk=";
        await _host.BuildAsync($"FROM busybox:test\nADD {_server.Url}/a /x\n");

        await CommitAsync();
        _server.Login = "basic " + Convert.ToBase64String("x-access-token:t"u8);
        await RefusedAsync($"ADD {_server.Url}/repo/.git /x", "failed to fetch");
        _host.Session.Secrets["GIT_AUTH_TOKEN." + new Uri(_server.Url).Authority] = "t"u8.ToArray();
        await _host.BuildAsync($"FROM busybox:test\nADD --keep-git-dir {_server.Url}/repo/.git /x\n");
        Assert.Equal("no\n", await _host.ShellAsync("busybox grep -rqi authorization /x/.git && echo yes || echo no"));
    }

    [Fact]
    public async Task CommitsOfAServerThatKnowsNothing()
    {
        var (second, head) = await CommitAsync();
        (string Part, string Text)[] wanted =
        [
            ("", "latest"),
            ("#v2", "two"),
            ("?ref=base", "one"),
            ("?branch=base", "one"),
            ("?tag=v2", "two"),
            ("?tag=v2#refs/tags/v2", "two"),
            ($"?commit={second}", "two"),
            ($"?commit={second[..8]}", "two"),
            ($"?ref={second}", "two"),
            ($"?tag=v2&commit={second}", "two"),
            ("#main:sub", "below"),
            ("?subdir=sub&ref=main", "below"),
        ];
        await _host.BuildAsync("FROM busybox:test\n" + string.Concat(wanted.Select((w, i) => $"ADD {_server.Url}/repo/.git{w.Part} /r/{i}\n")));
        Assert.Equal(
            string.Concat(wanted.Select(static w => w.Text + "\n")) + "0\n",
            await _host.ShellAsync($"cat {string.Join(' ', wanted.Select(static (_, i) => $"/r/{i}/foo"))}; find /r -name .git | wc -l"));

        foreach (var (part, message) in ((string, string)[])
        [
            ("?branch=nope", "repository does not contain ref refs/heads/nope"),
            ("?branch=v2", "repository does not contain ref refs/heads/v2"),
            ($"?ref={second[..8]}", "repository does not contain ref "),
            ($"?tag=v2&commit={head}", "expected checksum to match "),
            ("?tag=v2#refs/heads/main", "ref conflicts"),
            ("?commit=foobar#v2", "invalid checksum foobar for Git URL, expected hex commit hash"),
            ("?mtime=now", "invalid mtime value: \"now\""),
            ("#--upload-pack=x", "invalid Git ref --upload-pack=x"),
        ])
        {
            await RefusedAsync($"ADD {_server.Url}/repo/.git{part} /r", message);
        }
    }

    [Fact]
    public async Task CommitsMayKeepTheirTimeAndTheirHistory()
    {
        await CommitAsync();
        await _host.BuildAsync($"""
            FROM busybox:test
            ADD --keep-git-dir --chown=42:84 {_server.Url}/repo/.git#v2 /kept
            ADD {_server.Url}/repo/.git?mtime=commit#v2 /timed
            """);
        Assert.Equal("42 84\nyes\n1000000000\n1000000000\n", await _host.ShellAsync("stat -c '%u %g' /kept/foo; test -e /kept/.git/HEAD && echo yes; stat -c %Y /timed/foo /timed"));
    }

    [Fact]
    public async Task RepositoriesAndArchivesAreContexts()
    {
        await CommitAsync();
        await _host.BuildAsync("unused", spec => spec with { Context = $"{_server.Url}/repo/.git#base" });
        Assert.Equal("one\n", await _host.ShellAsync("cat /out"));
        (await Command.RunAsync("tar", ["-czf", Path.Combine(_served, "context.tgz"), "-C", Path.Combine(_served, "repo"), "Dockerfile", "foo"])).Succeeded();
        await _host.BuildAsync("unused", spec => spec with { Context = _server.Url + "/context.tgz" });
        Assert.Equal("latest\n", await _host.ShellAsync("cat /out"));
        Serve("df", "FROM busybox:test\nRUN echo alone > /out\n");
        await _host.BuildAsync("unused", spec => spec with { Context = _server.Url + "/df", DockerfileName = "any" });
        Assert.Equal("alone\n", await _host.ShellAsync("cat /out"));
    }

    private void Serve(string name, string text) => File.WriteAllText(Path.Combine(_served, name), text);

    private async Task RefusedAsync(string instruction, string message)
    {
        var failure = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync("FROM busybox:test\n" + instruction + "\n"));
        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
    }

    // Commits "one" (branch base), "two" (tag v2), "latest" (with a directory), all of one time.
    private async Task<(string Second, string Head)> CommitAsync()
    {
        var repository = Directory.CreateDirectory(Path.Combine(_served, "repo")).FullName;
        var script = new StringBuilder($"set -e\ncd '{repository}'\ngit init -q -b main\nprintf 'FROM busybox:test\\nCOPY foo /out\\n' > Dockerfile\n");
        foreach (var (text, then) in ((string, string)[])[("one", "git branch base"), ("two", "git tag -a -m second v2"), ("latest", "true")])
            script.Append($"echo {text} > foo; mkdir -p sub; echo below > sub/foo; git add .; git commit -q -m {text}; {then}\n");
        script.Append("git update-server-info; git rev-parse 'v2^{commit}' HEAD\n");
        var time = "1000000000 +0000";
        var made = (await Command.RunAsync("sh", ["-c", script.ToString()], environment: new Dictionary<string, string?>
        {
            ["GIT_AUTHOR_DATE"] = time,
            ["GIT_COMMITTER_DATE"] = time,
            ["GIT_AUTHOR_NAME"] = "t",
            ["GIT_AUTHOR_EMAIL"] = "t@example.org",
            ["GIT_COMMITTER_NAME"] = "t",
            ["GIT_COMMITTER_EMAIL"] = "t@example.org",
            ["HOME"] = repository,
        })).Succeeded().Text.Trim().Split('\n');
        return (made[0], made[1]);
    }
}
