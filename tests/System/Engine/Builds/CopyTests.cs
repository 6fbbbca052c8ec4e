using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>What COPY and ADD make of files, where it is not plain.</summary>
public sealed class CopyTests : IAsyncLifetime
{
    private BuildHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await BuildHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task WhatIsLeftOutIsNamedFromTheDirectoryThatIsCopied()
    {
        foreach (var file in (string[])["d1/a.png", "d1/b.txt", "d1/sub/c.txt", "d2/e.txt", "top.txt"])
            _host.Write(file, file);
        await _host.BuildAsync("""
            FROM busybox:test
            COPY --exclude=*.txt d1 /plain/
            COPY --exclude=*.txt --exclude=sub d* /wild/
            COPY --exclude=*/*.txt . /dot/
            COPY --exclude=** --exclude=!sub/c.txt d1 /but/
            COPY --exclude=* d* /none/
            COPY --exclude=*.txt top.* d1/a.* /named/
            COPY --parents --exclude=d1/*.txt d1 d2 /parents/
            COPY --parents --exclude=*.txt ./d1/./ /pivot/
            """);
        Assert.Equal(
            "/plain/a.png /plain/sub/c.txt /wild/a.png /dot/d1/a.png /dot/d1/sub/c.txt /dot/top.txt /but/sub/c.txt /named/a.png "
            + "/parents/d1/a.png /parents/d1/sub/c.txt /parents/d2/e.txt /pivot/a.png /pivot/sub/c.txt /none",
            await FilesAsync("busybox find /plain /wild /dot /but /none /named /parents /pivot -type f; ls -d /none", ["/dot/Dockerfile"]));

        // What is left out is not looked at either.
        _host.Write("d1/b.txt", "changed");
        await _host.BuildAsync("FROM busybox:test\nCOPY --exclude=*.txt d1 /plain/\n");
        Assert.Equal(["[2/2] COPY --exclude=*.txt d1 /plain/"], _host.Log.Cached);
    }

    [Fact]
    public async Task OneFileUnderTwoNamesStaysOne()
    {
        await _host.BuildAsync("""
            FROM busybox:test AS made
            RUN mkdir -p /d/sub && echo one > /d/a && ln /d/a /d/sub/b && ln /d/a /elsewhere
            FROM busybox:test
            COPY --from=made /d /d
            COPY --from=made /d/a /elsewhere /apart/
            """);
        Assert.Equal("2\n2\n1\n1\none\n", await _host.ShellAsync("stat -c %h /d/a /d/sub/b /apart/a /apart/elsewhere; cat /d/sub/b"));
    }

    [Fact]
    public async Task DestinationsAreWhatBuildKitMakesThem()
    {
        _host.Write("x1", "1");
        _host.Write("x2", "2");
        _host.Write("d/f", "f");
        _host.Write("d/below/g", "g");
        await _host.BuildAsync("""
            FROM busybox:test
            RUN mkdir -m 700 /kept /kept/d && chown 7:8 /kept/d
            COPY x* /last
            COPY --chmod=711 x1 /new/deep/x
            COPY --chmod=u=rwx,go= d /moded
            COPY --chown=:log x1 /group
            COPY --chown=4000000000 x1 /large
            COPY --parents d/f /kept/
            """);
        Assert.Equal(
            "2\n711\n711\n700\n700\n0 4\n4000000000 4000000000\n700 7 8\nf",
            await _host.ShellAsync("cat /last; echo; stat -c %a /new /new/deep /moded /moded/below; stat -c '%u %g' /group /large; stat -c '%a %u %g' /kept/d; cat /kept/d/f"));
    }

    [Fact]
    public async Task ACopiedDirectoryHasItsTimeAndNotTheBuilds()
    {
        await _host.BuildAsync("""
            FROM busybox:test AS made
            RUN mkdir -p /d && touch -d @1000000000 /d/a /d
            FROM busybox:test
            COPY --from=made /d /copied
            """);
        Assert.Equal("1000000000\n1000000000\n", await _host.ShellAsync("stat -c %Y /copied /copied/a"));
    }

    [Theory]
    [InlineData("COPY absent /x", "\"/absent\": not found")]
    [InlineData("RUN --mount=source=absent,target=/m true", "\"/absent\": not found")]
    [InlineData("RUN echo > /f\nCOPY . /f", "cannot copy to non-directory: /f")]
    [InlineData("RUN echo > /f\nCOPY here /f/", "mkdir /f: not a directory")]
    [InlineData("RUN echo > /f\nCOPY here /f/x", "mkdir /f: not a directory")]
    [InlineData("RUN echo > /f\nCOPY here /f/sub/x", "mkdir /f: not a directory")]
    [InlineData("RUN echo > /f\nWORKDIR /f", "mkdir /f: not a directory")]
    [InlineData("USER nobody\nRUN true", "process \"/bin/sh -c true\" did not complete successfully: unable to find user nobody: no matching entries in passwd file")]
    [InlineData("RUN [\"/nosuch\", \"x\"]", "process \"/nosuch x\" did not complete successfully: exec: \"/nosuch\"")]
    [InlineData("RUN mkdir /here\nCOPY here /here/.\nRUN mkdir -p /y/here\nCOPY here /y", "cannot replace to directory here with file")]
    public async Task RefusalsSayTheirLine(string instructions, string message)
    {
        _host.Write("here", "h");
        var failure = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync("FROM busybox:test\n" + instructions + "\n"));
        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
        var last = 1 + instructions.Split('\n').Length;
        Assert.Equal(new SourceLines(last, last), Assert.IsType<DockerfileException>(failure.InnerException).Lines);
    }

    [Fact]
    public async Task ADockerfileMayBeWrittenSmall()
    {
        _host.Write("dockerfile", "FROM busybox:test\nLABEL small=yes\n");
        var log = new BuildLog();
        await _host.Host.Engine.Builds.BuildAsync(new BuildSpec { Outputs = [new BuildOutput { Kind = BuildOutputKind.Image, Names = ["small:test"] }] }, _host.Session, log, _host.Host.Token);
        Assert.Equal("yes", (await _host.Host.Engine.Images.InspectAsync("small:test", _host.Host.Token)).Config!.Labels!["small"]);
    }

    // In the order in which they are asked for, each list sorted.
    private async Task<string> FilesAsync(string line, string[] butNot)
    {
        var found = (await _host.ShellAsync(line)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Except(butNot).ToList();
        string[] roots = ["/plain/", "/wild/", "/dot/", "/but/", "/named/", "/parents/", "/pivot/", "/none"];
        return string.Join(' ', roots.SelectMany(root => found.Where(path => path.StartsWith(root, StringComparison.Ordinal)).Order(StringComparer.Ordinal)));
    }
}
