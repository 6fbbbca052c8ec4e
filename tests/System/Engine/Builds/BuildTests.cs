using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>Builds from Dockerfile to image, by the engine alone.</summary>
public sealed class BuildTests : IAsyncLifetime
{
    private BuildHost _host = null!;

    private CancellationToken Token => _host.Host.Token;

    public async ValueTask InitializeAsync() => _host = await BuildHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task AFileBecomesAnImage()
    {
        _host.Write("src/a.txt", "alpha\n");
        _host.Write("src/skip.log", "no\n");
        _host.Write(".dockerignore", "**/*.log\n");
        var outcome = await _host.BuildAsync("""
            FROM busybox:test
            ARG GREETING=hello
            WORKDIR /app
            COPY src ./
            RUN echo "$GREETING $(cat a.txt)" > said && echo out && echo err >&2
            ENV MODE=built
            EXPOSE 80
            CMD ["cat", "/app/said"]
            """);
        Assert.Equal("hello alpha\n", await _host.ShellAsync("cat /app/said"));
        Assert.Equal("a.txt\nsaid\n", await _host.ShellAsync("ls /app"));
        Assert.Contains("out\n", _host.Log.Output, StringComparison.Ordinal);
        Assert.Contains("err\n", _host.Log.Output, StringComparison.Ordinal);
        var image = await _host.Host.Engine.Images.InspectAsync("built:test", Token);
        Assert.Equal(outcome.Image.ToString(), image.Id);
        Assert.Contains("MODE=built", image.Config!.Env!);
        Assert.Equal(["cat", "/app/said"], image.Config.Cmd!);
        Assert.Equal("/app", image.Config.WorkingDir);
        // The base's layer, and one each of WORKDIR, COPY and RUN.
        Assert.Equal(4, image.RootFS!.Layers!.Count);
        var history = await _host.Host.Engine.Images.HistoryAsync("built:test", Token);
        Assert.Contains(history, h => h.CreatedBy == "RUN |1 GREETING=hello /bin/sh -c echo \"$GREETING $(cat a.txt)\" > said && echo out && echo err >&2 # buildkit");
    }

    [Fact]
    public async Task WhatDidNotChangeIsNotRunAgain()
    {
        const string Dockerfile = """
            FROM busybox:test
            COPY a /a
            RUN cat /a > /ran
            COPY b /b
            """;
        _host.Write("a", "1");
        _host.Write("b", "1");
        var first = await _host.BuildAsync(Dockerfile);
        Assert.Contains("[3/4] RUN cat /a > /ran", _host.Log.Ran);
        _host.Session = new DirectorySession(_host.Context);
        var second = await _host.BuildAsync(Dockerfile);
        Assert.Equal(first.Image, second.Image);
        Assert.Equal(["[2/4] COPY a /a", "[3/4] RUN cat /a > /ran", "[4/4] COPY b /b"], _host.Log.Cached.Order());

        // Another time is no change; other content is, from there on.
        File.SetLastWriteTimeUtc(Path.Combine(_host.Context, "a"), DateTime.UnixEpoch);
        _host.Write("b", "2");
        await _host.BuildAsync(Dockerfile);
        Assert.Equal(["[2/4] COPY a /a", "[3/4] RUN cat /a > /ran"], _host.Log.Cached.Order());
        Assert.Equal("2", await _host.ShellAsync("cat /b"));

        // The next engine knows it, too.
        await _host.Host.CloseAsync();
        await _host.Host.OpenAsync();
        await _host.BuildAsync(Dockerfile);
        Assert.Equal(3, _host.Log.Cached.Count);
        await _host.BuildAsync(Dockerfile, spec => spec with { NoCache = true });
        Assert.Empty(_host.Log.Cached);
    }

    [Fact]
    public async Task StagesGiveFilesToOneAnother()
    {
        await _host.BuildAsync("""
            FROM busybox:test AS made
            RUN mkdir -p /out/deep && echo one > /out/deep/file && ln -s deep/file /out/link && touch /out/own && chown 1000:1001 /out/own
            FROM busybox:test AS unused
            RUN false
            FROM busybox:test
            COPY --from=made /out /got
            COPY --from=made --chown=web:log --chmod=640 /out/deep/file /owned
            RUN --mount=type=bind,from=made,source=/out,target=/in cat /in/deep/file > /read
            """);
        Assert.Equal("one\none\ndeep/file\none\n1000 1001\n1000 4 640\n", await _host.ShellAsync("cat /got/deep/file /got/link; busybox readlink /got/link; cat /read; stat -c '%u %g' /got/own; stat -c '%u %g %a' /owned"));
        Assert.Equal("no\n", await _host.ShellAsync("test -e /in && echo yes || echo no"));
    }

    [Fact]
    public async Task MountsAreThereAndLeaveNothing()
    {
        _host.Session.Secrets["token"] = "s3cret"u8.ToArray();
        const string Dockerfile = """
            FROM busybox:test
            RUN --mount=type=secret,id=token cat /run/secrets/token > /seen && stat -c %a /run/secrets/token >> /seen
            RUN --mount=type=secret,id=token,env=TOKEN test "$TOKEN" = s3cret
            RUN --mount=type=secret,id=absent test ! -e /run/secrets/absent
            RUN --mount=type=cache,target=/root/.cache echo x >> /root/.cache/log && cat /root/.cache/log | wc -l > /count
            RUN --mount=type=tmpfs,target=/scratch,size=1m touch /scratch/x
            """;
        await _host.BuildAsync(Dockerfile);
        Assert.Equal("s3cret400\n1\n", await _host.ShellAsync("cat /seen /count"));
        Assert.Equal("", await _host.ShellAsync("ls -d /run /scratch /root/.cache 2>/dev/null || true"));
        // The cache outlives the build.
        await _host.BuildAsync(Dockerfile, spec => spec with { NoCache = true });
        Assert.Equal("2\n", await _host.ShellAsync("cat /count"));
        var missing = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync("FROM busybox:test\nRUN --mount=type=secret,id=absent,required true\n"));
        Assert.StartsWith("secret absent: not found", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailedStepSaysWhereAndLeavesNothing()
    {
        await _host.BuildAsync("FROM busybox:test\nRUN echo base\n");
        // What the containers of an image share is made with the first.
        await _host.Host.CreateAsync("true", spec => spec with { Config = spec.Config with { Image = "built:test" } });
        var before = await Traces.TakeAsync(_host.Host, Token);
        var failure = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync("FROM busybox:test\nRUN echo base\n\nRUN echo said; exit 3\n"));
        Assert.Equal("process \"/bin/sh -c echo said; exit 3\" did not complete successfully: exit code: 3", failure.Message);
        var lines = Assert.IsType<DockerfileException>(failure.InnerException);
        Assert.Equal(new SourceLines(4, 4), lines.Lines);
        var exit = Assert.IsType<StepExitException>(lines.InnerException!.InnerException);
        Assert.Equal(3, exit.ExitCode);
        Assert.Contains("said", _host.Log.Output, StringComparison.Ordinal);
        await before.AreAllThatIsLeftAsync(_host.Host, Token);
    }

    [Fact]
    public async Task ACancelledBuildStopsAtOnce()
    {
        await _host.Host.CreateAsync("true");
        var before = await Traces.TakeAsync(_host.Host, Token);
        using var client = new CancellationTokenSource();
        _host.Write("Dockerfile", "FROM busybox:test\nRUN echo begun; sleep 600\n");
        var log = new BuildLog();
        var build = _host.Host.Engine.Builds.BuildAsync(new BuildSpec(), _host.Session, log, client.Token);
        await ContainerLifeTests.Eventually(() => Task.FromResult(log.Output), output => output.Contains("begun", StringComparison.Ordinal));
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
        await before.AreAllThatIsLeftAsync(_host.Host, Token);
    }

    [Fact]
    public async Task SourcesThatAreNotThereAreNamed()
    {
        _host.Write("package.json", "{}");
        var failure = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync("FROM busybox:test\nCOPY pakage.json /\n"));
        Assert.Equal("\"/pakage.json\": not found (did you mean \"/package.json\"?)", failure.Message);
        failure = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync("FROM busybox:test\nCOPY --from=busybox:test /data/sed /\n"));
        Assert.Equal("\"/data/sed\": not found (did you mean \"/data/seed\"?)", failure.Message);
        File.CreateSymbolicLink(Path.Combine(_host.Context, "out"), "../../../../etc/passwd");
        await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync("FROM busybox:test\nCOPY out /stolen\n"));
        await _host.BuildAsync("FROM busybox:test\nCOPY nothing* package.json /x/\n");
        Assert.Equal("package.json\n", await _host.ShellAsync("ls /x"));
    }

    [Fact]
    public async Task StepsThatWriteWhereLayersAreKeepThemWhole()
    {
        // Whiteouts, opaque directories, and a directory in the place of a file.
        await _host.BuildAsync("""
            FROM busybox:test
            RUN mkdir -p /d/sub && touch /d/a /d/sub/b && echo f > /file
            RUN rm -rf /d && mkdir /d && touch /d/new && rm /file && mkdir /file
            RUN rm -rf /data && touch /file/inner
            """);
        Assert.Equal("new\ninner\nbin\n", await _host.ShellAsync("ls /d /file | busybox grep -v : | busybox grep .; ls -d /data /bin 2>/dev/null | busybox sed s,/,, || true"));
        var exported = await _host.BuildAsync("FROM built:test\n", spec => spec with { Outputs = [new BuildOutput { Kind = BuildOutputKind.Docker, Names = ["again:test"] }] });
        Assert.Null(exported.Image);
        _host.Session.Sent.Position = 0;
        await _host.Host.Engine.Images.RemoveAsync("built:test", force: true, noPrune: false, Token);
        _host.Host.Engine.Builds.RemoveFromCache(_host.Host.Engine.Builds.ListCache());
        await _host.Host.Engine.Images.LoadAsync(_host.Session.Sent, null, quiet: true, _ => { }, Token);
        Assert.NotNull(await _host.Host.Engine.Images.InspectAsync("again:test", Token));
    }

    [Fact]
    public async Task LargeFilesArriveWhereTheyAreCopiedTo()
    {
        // Of this size they are not copied but get another name: see SharedContents.
        var large = new string('x', 2 << 20);
        _host.Write("big", large);
        _host.Write("other/big", large + "other");
        _host.Write("tree/d/big", large + "tree");
        await _host.BuildAsync("""
            FROM busybox:test
            RUN mkdir -p /real && ln -s /real /link && echo old > /real/big
            COPY big other/big /link/
            COPY --chmod=600 big /mode/
            COPY --chown=7:8 big /owner/
            COPY tree big /t/
            RUN echo appended >> /t/big
            """);
        _host.Write("big", "changed");
        _host.Write("tree/d/big", "changed");
        Assert.Equal("2097157 644 0\n2097152 600 0\n2097152 644 7\n2097156 644 0\n2097161 644 0\n", await _host.ShellAsync("busybox stat -c '%s %a %u' /real/big /mode/big /owner/big /t/d/big /t/big"));
        await _host.BuildAsync("FROM scratch\nCOPY other/big /only\n", spec => spec with { Outputs = [new BuildOutput { Kind = BuildOutputKind.Local }] });
        Assert.Equal(["only"], _host.Session.SentFiles);
    }

    [Fact]
    public async Task TheCacheCanBeListedAndEmptied()
    {
        await _host.BuildAsync("FROM busybox:test\nRUN echo 0123456789 > /f\nRUN --mount=type=cache,target=/c echo 01234 > /c/f\n", spec => spec with { Outputs = [] });
        var records = _host.Host.Engine.Builds.ListCache();
        Assert.Contains(records, r => r.Kind == "exec.cachemount" && r.SizeBytes == 6);
        Assert.Contains(records, r => r.Kind == "regular" && r.SizeBytes == 11);
        _host.Host.Engine.Builds.RemoveFromCache(records);
        Assert.Empty(_host.Host.Engine.Builds.ListCache());
        Assert.Single(await _host.Host.Engine.Images.ListAsync(new(), Token));
    }
}
