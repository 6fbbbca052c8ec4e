using System.Formats.Tar;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Gantry.Api.BuildKit.Builds;
using Gantry.Api.BuildKit.Wire;
using Gantry.Api.BuildKit.Wire.Frontend;
using Gantry.Tests.Support;
using Grpc.Core;
using Xunit;

namespace Gantry.Tests.System.BuildKit;

/// <summary>A client of the tests' own drives the door as buildx does, before a whole engine.</summary>
public sealed class GrpcTests(EngineDoor fixture) : IClassFixture<EngineDoor>, IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-grpc-").FullName;
    private readonly GrpcSession.Client _has = new();
    private GrpcClient _client = null!;

    private string Context => Path.Combine(_root, "context");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Context);
        _has.Directories["context"] = _has.Directories["dockerfile"] = Context;
        _client = await GrpcClient.ConnectAsync(fixture.Door.Socket);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        Directory.Delete(_root, recursive: true);
        return default;
    }

    [Fact]
    public async Task ABuildGoesItsWholeWay()
    {
        Write("Dockerfile", """
            FROM busybox:test AS base
            MAINTAINER somebody
            COPY words/ /words/
            RUN --mount=type=secret,id=s --mount=type=ssh test "$(cat /run/secrets/s)" = hush && test -S "$SSH_AUTH_SOCK" && echo said
            FROM scratch
            COPY --from=base /words /words
            """);
        Write("words/one", "1");
        Write("words/deep/two", "22");
        Write("skipped.log", "no");
        Write(".dockerignore", "*.log\n");
        _has.Secrets["s"] = "hush";
        _has.Agent = static _ => [];
        _has.TakesFiles.Add("1");
        await using var session = await OpenAsync();

        var worker = Assert.Single((await _client.Control.ListWorkersAsync(new ListWorkersRequest())).Record);
        Assert.Contains(worker.Platforms, static platform => platform is { OS: "linux", Architecture: "amd64" or "arm64" });
        Assert.Equal("9.9.9", (await _client.Control.InfoAsync(new InfoRequest())).BuildkitVersion.Version);
        var build = (await _client.BuildAsync(session.Id, [], [Exporter("moby", ("name", "grpc:1")), Exporter("local"), Exporter("tar")])).Succeeded();

        // The image.
        var image = await fixture.Host.Engine.Images.InspectAsync("grpc:1", fixture.Host.Token);
        Assert.Equal((image.Id, image.Id, "docker.io/library/grpc:1"), (build.Response["containerimage.config.digest"], build.Response["containerimage.digest"], build.Response["image.name"]));
        // The files, as a directory and as an archive.
        Assert.Equal(["1:words/deep/two=22", "1:words/one=1"], _has.Files.Select(static file => $"{file.Key}={file.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(["words/deep/two", "words/one"], Names(_has.Archives["2"]));
        // The progress.
        Assert.Equal("said\n", build.Output);
        Assert.All(build.Steps.Values, static step => Assert.True(step is { Started: not null, Completed: not null, Error: "" }, step.Name));
        Assert.Contains("[base 3/3] RUN --mount=type=secret,id=s --mount=type=ssh test \"$(cat /run/secrets/s)\" = hush && test -S \"$SSH_AUTH_SOCK\" && echo said", build.Steps.Keys);
        Assert.Contains("exporting to image", build.Steps.Keys);
        Assert.All(build.Progress.SelectMany(static response => response.Vertexes), vertex => Assert.All(vertex.Inputs, input => Assert.Contains(input, build.Steps.Values.Select(static step => step.Digest))));
        var warning = Assert.Single(build.Warnings);
        Assert.Equal("MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)", warning.Short.ToStringUtf8());
        Assert.Equal((build.Steps["[internal] load build definition from Dockerfile"].Digest, "Dockerfile", 2), (warning.Vertex, warning.Info.Filename, Assert.Single(warning.Ranges).Start.Line));

        // Once more: nothing is run again.
        var again = (await _client.BuildAsync(session.Id, [], [Exporter("moby")])).Succeeded();
        Assert.Equal(image.Id, again.Response["containerimage.digest"]);
        Assert.True(again.Steps["[stage-1 1/1] COPY --from=base /words /words"].Cached);
    }

    [Fact]
    public async Task ASessionHasSeveralBuildsAtATime()
    {
        for (var i = 0; i < 4; i++)
            Write($"Dockerfile.{i}", $"FROM busybox:test\nCOPY file /file\nRUN echo {i} > /made\n");
        Write("file", "x");
        await using var session = await OpenAsync();
        var builds = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            using var client = await GrpcClient.ConnectAsync(fixture.Door.Socket);
            return await client.BuildAsync(session.Id, new() { ["filename"] = $"Dockerfile.{i}" }, [Exporter("moby")]);
        }));
        Assert.Equal(4, builds.Select(static build => build.Succeeded().Response["containerimage.digest"]).Distinct().Count());
    }

    [Fact]
    public async Task AResultIsAnothersBeginning()
    {
        Write("Dockerfile", "FROM busybox:test\nENV FROM_BASE=yes\nRUN echo made > /base\n");
        Write("Dockerfile.app", "FROM base\nRUN cat /base > /copy && echo \"$FROM_BASE\" >> /copy\nFROM scratch\nCOPY --from=0 /copy /\nCOPY --from=base /base /\n");
        _has.TakesFiles.Add("0");
        await using var session = await OpenAsync();
        using var other = await GrpcClient.ConnectAsync(fixture.Door.Socket);

        // As a bake file's targets: the first stays open until the second has taken what it needs.
        GrpcBuild? app = null;
        var first = await _client.BuildAsync(session.Id, [], [], async (reference, result) =>
        {
            app = await other.BuildAsync(session.Id, new() { ["filename"] = "Dockerfile.app", ["context:base"] = "input:0-base" }, [Exporter("local")], inputs: new Dictionary<string, Gantry.Api.BuildKit.Wire.Pb.Definition> { ["0-base"] = result.Ref.Def });
            await _client.Bridge.EvaluateAsync(new EvaluateRequest { Ref = result.Ref.Id }, GrpcClient.For(reference));
        });

        first.Succeeded();
        app!.Succeeded();
        Assert.Equal(["0:base=made\n", "0:copy=made\nyes\n"], _has.Files.Select(static file => $"{file.Key}={file.Value}").Order(StringComparer.Ordinal));
        Assert.DoesNotContain("exporting to image", first.Steps.Keys);
    }

    [Fact]
    public async Task EachPlatformBeginsWithItsOwnResult()
    {
        Write("Dockerfile", "FROM --platform=$BUILDPLATFORM busybox:test AS b\nARG TARGETARCH\nRUN echo $TARGETARCH > /for\nFROM scratch\nCOPY --from=b /for /for\n");
        Write("Dockerfile.app", "FROM base\nCOPY Dockerfile /\n");
        _has.TakesFiles.Add("0");
        await using var session = await OpenAsync();
        using var other = await GrpcClient.ConnectAsync(fixture.Door.Socket);
        GrpcBuild? app = null;
        (await _client.BuildAsync(session.Id, new() { ["platform"] = "linux/amd64,linux/arm64" }, [], async (reference, result) =>
        {
            Assert.Equal("""{"Platforms":[{"ID":"linux/amd64","Platform":{"architecture":"amd64","os":"linux"}},{"ID":"linux/arm64","Platform":{"architecture":"arm64","os":"linux"}}]}""", result.Metadata["refs.platforms"].ToStringUtf8());
            var options = result.Refs.Refs.Keys.ToDictionary(static platform => "context:base::" + platform, static platform => "input:0-base::" + platform);
            app = await other.BuildAsync(session.Id, new(options) { ["filename"] = "Dockerfile.app", ["platform"] = "linux/arm64,linux/amd64" }, [Exporter("local")], inputs: result.Refs.Refs.ToDictionary(static one => "0-base::" + one.Key, static one => one.Value.Def));
            var read = await _client.Bridge.ReadFileAsync(new ReadFileRequest { Ref = result.Refs.Refs["linux/arm64"].Id, FilePath = "/for" }, GrpcClient.For(reference));
            Assert.Equal("arm64\n", read.Data.ToStringUtf8());
        })).Succeeded();
        app!.Succeeded();
        Assert.Equal(("amd64\n", "arm64\n"), (_has.Files["0:linux_amd64/for"], _has.Files["0:linux_arm64/for"]));
    }

    [Fact]
    public async Task TheClientObtainsTokensWithoutTellingItsLogin()
    {
        await using var registry = await TokenRegistry.StartAsync();
        var name = registry.Address + "/mine:1";
        Write("Dockerfile", "FROM busybox:test\nRUN echo mine > /file\n");
        _has.Tokens = new() { [registry.Realm] = TokenRegistry.Token };
        await using var session = await OpenAsync();
        var pushed = (await _client.BuildAsync(session.Id, [], [Exporter("moby", ("name", name), ("push", "true"), ("store", "false"))])).Succeeded();
        Write("Dockerfile", $"FROM {name}\nRUN echo again >> /file\n");
        (await _client.BuildAsync(session.Id, [], [Exporter("moby")])).Succeeded();
        Assert.StartsWith("sha256:", pushed.Response["containerimage.digest"], StringComparison.Ordinal);
        Assert.All(_has.Asked, asked => Assert.StartsWith($"token {registry.Address} tests repository:mine:pull", asked, StringComparison.Ordinal));
        Assert.All(registry.Shown, static shown => Assert.Equal("Bearer " + TokenRegistry.Token, shown));

        // What it is refused is what the client says.
        _has.Tokens.Clear();
        var refused = await _client.BuildAsync(session.Id, new() { ["image-resolve-mode"] = "pull" }, [Exporter("moby")]);
        Assert.Contains("failed to fetch anonymous token: 401 Unauthorized", refused.Failure!.Status.Detail, StringComparison.Ordinal);

        // A client that obtains none tells its login: an identity token is for the token server alone, and no password.
        _has.Tokens = null;
        _has.Logins[registry.Address] = ("", TokenRegistry.Identity);
        registry.Shown.Clear();
        (await _client.BuildAsync(session.Id, new() { ["image-resolve-mode"] = "pull" }, [Exporter("moby")])).Succeeded();
        Assert.Contains("login " + registry.Address, _has.Asked);
        Assert.Contains(registry.Shown, static shown => shown.StartsWith("grant_type=refresh_token&", StringComparison.Ordinal));
        Assert.DoesNotContain(registry.Shown, static shown => shown.StartsWith("Basic ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnImageOfAClientsLayoutIsABeginning()
    {
        Write("Dockerfile", "FROM busybox:test\nRUN echo made > /base\n");
        await using var session = await OpenAsync();
        var layout = _has.Layouts["export"] = _has.Layouts["oci:abc"] = Path.Combine(_root, "layout");
        var digest = (await _client.BuildAsync(session.Id, [], [Exporter("oci", ("tar", "false"))])).Succeeded().Response["containerimage.digest"];
        // What is there is not sent again.
        (await _client.BuildAsync(session.Id, [], [Exporter("oci", ("tar", "false"))])).Succeeded();
        Assert.All(Directory.EnumerateFiles(Path.Combine(layout, "blobs/sha256")), static path => Assert.Equal(Path.GetFileName(path), Convert.ToHexStringLower(global::System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))));

        Write("Dockerfile", "FROM base\nFROM scratch\nCOPY --from=base /base /\n");
        _has.TakesFiles.Add("0");
        (await _client.BuildAsync(session.Id, new() { ["context:base"] = $"oci-layout://abc:latest@{digest}" }, [Exporter("local")])).Succeeded();
        Assert.Equal("made\n", _has.Files["0:base"]);
        var refused = await _client.BuildAsync(session.Id, new() { ["context:base"] = $"oci-layout://other@{digest}" }, [Exporter("local")]);
        Assert.Contains("not found", refused.Failure!.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AResultsFilesAreRead()
    {
        Write("Dockerfile", "FROM busybox:test\nRUN mkdir /d && echo 0123456789 > /d/file && ln -s ../../../etc/passwd /d/link && ln -s /d/file /d/inside && busybox chmod 640 /d/file && mkfifo /d/pipe\n");
        await using var session = await OpenAsync();
        var build = await _client.BuildAsync(session.Id, [], [], async (reference, result) =>
        {
            var (id, bridge, metadata) = (result.Ref.Id, _client.Bridge, GrpcClient.For(reference));
            Assert.Equal("0123456789\n", (await bridge.ReadFileAsync(new ReadFileRequest { Ref = id, FilePath = "d/file" }, metadata)).Data.ToStringUtf8());
            Assert.Equal("345", (await bridge.ReadFileAsync(new ReadFileRequest { Ref = id, FilePath = "/d/inside", Range = new FileRange { Offset = 3, Length = 3 } }, metadata)).Data.ToStringUtf8());
            // A link leads nowhere but in the result, whose users are not this machine's.
            Assert.StartsWith("root:x:0:0:root:/root:/bin/sh\nweb:", (await bridge.ReadFileAsync(new ReadFileRequest { Ref = id, FilePath = "d/link" }, metadata)).Data.ToStringUtf8(), StringComparison.Ordinal);
            var stat = (await bridge.StatFileAsync(new StatFileRequest { Ref = id, Path = "d/link" }, metadata)).Stat;
            Assert.Equal(("link", 1u << 27, "../../../etc/passwd"), (stat.Path, stat.Mode & (1u << 27), stat.Linkname));
            Assert.Equal(0x1A0u, (await bridge.StatFileAsync(new StatFileRequest { Ref = id, Path = "d/file" }, metadata)).Stat.Mode);
            Assert.Equal(["file", "inside", "link", "pipe"], (await bridge.ReadDirAsync(new ReadDirRequest { Ref = id, DirPath = "d" }, metadata)).Entries.Select(static entry => entry.Path));
            Assert.Equal(["file"], (await bridge.ReadDirAsync(new ReadDirRequest { Ref = id, DirPath = "d", IncludePattern = "f*" }, metadata)).Entries.Select(static entry => entry.Path));
            Assert.Equal(StatusCode.NotFound, await CodeOfAsync(() => bridge.ReadFileAsync(new ReadFileRequest { Ref = id, FilePath = "none" }, metadata)));
            Assert.Equal(StatusCode.InvalidArgument, await CodeOfAsync(() => bridge.ReadFileAsync(new ReadFileRequest { Ref = id, FilePath = "d/pipe" }, metadata)));
            Assert.Equal(StatusCode.NotFound, await CodeOfAsync(() => bridge.StatFileAsync(new StatFileRequest { Ref = "other-1", Path = "/" }, metadata)));
        });
        build.Succeeded();
    }

    [Fact]
    public async Task AFileOfAWebServerIsASource()
    {
        using var server = new OneFileServer("FROM scratch\n");
        var source = new Gantry.Api.BuildKit.Wire.Pb.Op { Source = new() { Identifier = server.Url + "?a=$HOME b", Attrs = { ["http.filename"] = "Dockerfile" } } };
        await using var session = await OpenAsync();
        var solve = new Gantry.Api.BuildKit.Wire.SolveRequest { Ref = Guid.NewGuid().ToString("n"), Session = session.Id, Internal = true };
        var solving = _client.Control.SolveAsync(solve).ResponseAsync;
        var metadata = GrpcClient.For(solve.Ref);
        var result = (await _client.Bridge.SolveAsync(new() { Definition = Graph(source), AllowResultReturn = true, AllowResultArrayRef = true }, metadata)).Result;
        Assert.Equal("FROM scratch\n", (await _client.Bridge.ReadFileAsync(new ReadFileRequest { Ref = result.Ref.Id, FilePath = "Dockerfile" }, metadata)).Data.ToStringUtf8());
        await _client.Bridge.ReturnAsync(new ReturnRequest { Result = new Result { Ref = new Ref() } }, metadata);
        await solving;
        Assert.DoesNotContain(fixture.Host.Engine.BuildHistory.List(), record => record.Reference == solve.Ref);

        // Anything more is refused with a sentence.
        var exec = new Gantry.Api.BuildKit.Wire.Pb.Op { Source = new() { Identifier = "docker-image://docker.io/library/busybox:test" } };
        solve = new() { Ref = Guid.NewGuid().ToString("n"), Session = session.Id, Definition = Graph(exec) };
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await _client.Control.SolveAsync(solve));
        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
        Assert.Contains("this engine builds Dockerfiles", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task QuestionsAreAnswered()
    {
        Write("Dockerfile", "FROM scratch AS one\nARG A=1\nMAINTAINER me\nFROM one AS two\n");
        await using var session = await OpenAsync();
        var answers = new Dictionary<string, Result>();
        foreach (var question in (string[])["frontend.lint", "frontend.outline", "frontend.targets", "frontend.subrequests.describe"])
            (await _client.BuildAsync(session.Id, new() { ["requestid"] = question, ["frontend.caps"] = "moby.buildkit.frontend.subrequests" }, [], (_, result) => Task.FromResult(answers[question] = result))).Succeeded();
        Assert.Equal("1", answers["frontend.lint"].Metadata["result.statuscode"].ToStringUtf8());
        using var lint = JsonDocument.Parse(answers["frontend.lint"].Metadata["result.json"].ToByteArray());
        Assert.Equal("MaintainerDeprecated", lint.RootElement.GetProperty("warnings")[0].GetProperty("ruleName").GetString());
        Assert.Contains("two (default)", answers["frontend.targets"].Metadata["result.txt"].ToStringUtf8(), StringComparison.Ordinal);
        Assert.Contains("TARGET:", answers["frontend.outline"].Metadata["result.txt"].ToStringUtf8(), StringComparison.Ordinal);
        Assert.Contains("subrequests.describe", answers["frontend.subrequests.describe"].Metadata["result.txt"].ToStringUtf8(), StringComparison.Ordinal);
        Assert.All(answers.Values, static answer => Assert.Equal("1.0.0", answer.Metadata["version"].ToStringUtf8()));
        var unknown = await _client.BuildAsync(session.Id, new() { ["requestid"] = "frontend.weather" }, []);
        Assert.Equal("unsupported request frontend.weather", unknown.Failure!.Status.Detail);
        // Nothing was built.
        Assert.DoesNotContain(fixture.Host.Engine.BuildHistory.List(), record => record.Reference == unknown.Reference);
    }

    [Fact]
    public async Task TheCacheIsListedAndPruned()
    {
        Write("Dockerfile", "FROM busybox:test\nRUN --mount=type=cache,target=/c echo kept > /c/kept && echo pruned-or-not > /file\n");
        await using var session = await OpenAsync();
        (await _client.BuildAsync(session.Id, [], [])).Succeeded();

        var records = (await _client.Control.DiskUsageAsync(new DiskUsageRequest())).Record;
        var step = Assert.Single(records, static record => record.Description.Contains("pruned-or-not", StringComparison.Ordinal));
        Assert.Equal(("regular", false, true), (step.RecordType, step.Mutable, step.Size > 0));
        Assert.Equal([step.ID], (await _client.Control.DiskUsageAsync(new DiskUsageRequest { Filter = { $"id~=^{step.ID}$,type==regular,private" } })).Record.Select(static record => record.ID));
        Assert.Empty((await _client.Control.DiskUsageAsync(new DiskUsageRequest { Filter = { $"id=={step.ID},shared" } })).Record);
        Assert.Equal(StatusCode.InvalidArgument, await CodeOfAsync(() => _client.Control.DiskUsageAsync(new DiskUsageRequest { Filter = { "colour==red" } })));

        // What was used just now is not old; then it goes.
        Assert.Empty(await PruneAsync(new PruneRequest { Filter = { $"id=={step.ID}" }, KeepDuration = 3_600_000_000_000 }));
        Assert.Equal(step.ID, Assert.Single(await PruneAsync(new PruneRequest { Filter = { $"id=={step.ID}" } })).ID);
        Assert.Contains(await PruneAsync(new PruneRequest { All = true, Filter = { "type==exec.cachemount" } }), static record => record.RecordType == "exec.cachemount");
        Assert.DoesNotContain((await _client.Control.DiskUsageAsync(new DiskUsageRequest())).Record, record => record.ID == step.ID);
        Assert.Empty(await PruneAsync(new PruneRequest { ReservedSpace = 1L << 50 }));
    }

    [Fact]
    public async Task PastBuildsAreToldOf()
    {
        Write("Dockerfile", "FROM busybox:test\nMAINTAINER me\nRUN echo heard; false\n");
        await using var session = await OpenAsync();
        using var ended = new CancellationTokenSource();
        using var listening = _client.Control.ListenBuildHistory(new BuildHistoryRequest { ActiveOnly = true }, cancellationToken: ended.Token);
        var failed = await _client.BuildAsync(session.Id, new() { ["target"] = "" }, []);
        Assert.NotNull(failed.Failure);

        var record = Assert.Single(await HistoryAsync(new BuildHistoryRequest { Ref = failed.Reference, EarlyExit = true })).Record;
        Assert.Equal((failed.Reference, "Dockerfile", 1), (record.Ref, record.FrontendAttrs["filename"], record.NumWarnings));
        Assert.Equal("process \"/bin/sh -c echo heard; false\" did not complete successfully: exit code: 1", record.Error.Message);
        Assert.True(record.NumCompletedSteps < record.NumTotalSteps);
        Assert.Equal(record.Ref, Assert.Single(await HistoryAsync(new BuildHistoryRequest { Filter = { $"ref=={failed.Reference},status==error" }, Limit = 5, EarlyExit = true })).Record.Ref);

        // Who listened heard it begin and end.
        foreach (var expected in (BuildHistoryEventType[])[BuildHistoryEventType.Started, BuildHistoryEventType.Complete])
        {
            do
                Assert.True(await listening.ResponseStream.MoveNext(fixture.Host.Token));
            while (listening.ResponseStream.Current.Record.Ref != failed.Reference);
            Assert.Equal(expected, listening.ResponseStream.Current.Type);
        }

        // Its log can be read when the door has forgotten it.
        using var another = await DoorHost.StartAsync(fixture.Host.Engine) is var door ? await GrpcClient.ConnectAsync(door.Socket) : null!;
        await using var _ = door;
        var log = new GrpcBuild { Reference = failed.Reference, Progress = await another.ReadStatusAsync(failed.Reference, fixture.Host.Token) };
        Assert.Equal(("heard\n", 1), (log.Output, log.Warnings.Count));
        Assert.Equal(failed.Steps.Keys.Order(StringComparer.Ordinal), log.Steps.Keys.Order(StringComparer.Ordinal));

        Assert.Equal(StatusCode.Unimplemented, await CodeOfAsync(() => _client.Control.UpdateBuildHistoryAsync(new UpdateBuildHistoryRequest { Ref = failed.Reference, Pinned = true })));
        await _client.Control.UpdateBuildHistoryAsync(new UpdateBuildHistoryRequest { Ref = failed.Reference, Delete = true });
        Assert.Equal(StatusCode.NotFound, await CodeOfAsync(() => _client.Control.UpdateBuildHistoryAsync(new UpdateBuildHistoryRequest { Ref = failed.Reference, Delete = true })));
        Assert.Empty(await HistoryAsync(new BuildHistoryRequest { Ref = failed.Reference, EarlyExit = true }));
        await ended.CancelAsync();
    }

    [Fact]
    public async Task ABuildWithASessionIsAskedForWithoutGrpc()
    {
        Write("Dockerfile", "FROM busybox:test\nRUN --mount=type=secret,id=s cat /run/secrets/s > /kept\n");
        _has.Secrets["s"] = "hush";
        await using var session = await OpenAsync();
        var lines = (await PostAsync($"/build?version=2&remote=client-session&session={session.Id}&buildid=b1&t=traced:1")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var events = lines.Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        var steps = events.Where(static happening => happening.GetProperty("id").GetString() == "moby.buildkit.trace").SelectMany(static happening => StatusResponse.Parser.ParseFrom(happening.GetProperty("aux").GetBytesFromBase64()).Vertexes);
        Assert.Contains(steps, static step => step.Name.StartsWith("[2/2] RUN", StringComparison.Ordinal));
        var image = await fixture.Host.Engine.Images.InspectAsync("traced:1", fixture.Host.Token);
        Assert.Equal(("moby.image.id", image.Id), (events[^1].GetProperty("id").GetString(), events[^1].GetProperty("aux").GetProperty("ID").GetString()));

        Write("Dockerfile", "FROM busybox:test\nRUN exit 3\n");
        var failed = (await PostAsync($"/build?version=2&remote=client-session&session={session.Id}")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("The command '/bin/sh -c exit 3' returned a non-zero code: 3", JsonDocument.Parse(failed[^1]).RootElement.GetProperty("error").GetString());
        Assert.Contains("no active session for nobody", await PostAsync("/build?version=2&remote=client-session&session=nobody"), StringComparison.Ordinal);
    }

    private Task<GrpcSession> OpenAsync() => GrpcSession.OpenAsync(fixture.Door.Socket, _has);

    private void Write(string path, string text)
    {
        var full = Path.Combine(Context, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private static Exporter Exporter(string type, params (string Name, string Value)[] attributes)
    {
        var exporter = new Exporter { Type = type };
        foreach (var (name, value) in attributes)
            exporter.Attrs[name] = value;
        return exporter;
    }

    private static Gantry.Api.BuildKit.Wire.Pb.Definition Graph(Gantry.Api.BuildKit.Wire.Pb.Op op)
    {
        var source = Google.Protobuf.MessageExtensions.ToByteString(op);
        var digest = "sha256:" + Convert.ToHexStringLower(global::System.Security.Cryptography.SHA256.HashData(source.Span));
        return new() { Def = { source, Google.Protobuf.MessageExtensions.ToByteString(new Gantry.Api.BuildKit.Wire.Pb.Op { Inputs = { new Gantry.Api.BuildKit.Wire.Pb.Input { Digest = digest } } }) } };
    }

    private static List<string> Names(MemoryStream archive)
    {
        archive.Position = 0;
        using var tar = new TarReader(archive);
        var names = new List<string>();
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile)
                names.Add(entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name);
        }

        return [.. names.Order(StringComparer.Ordinal)];
    }

    private static async Task<StatusCode> CodeOfAsync<T>(Func<AsyncUnaryCall<T>> call)
    {
        try
        {
            await call();
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private async Task<List<UsageRecord>> PruneAsync(PruneRequest request) => await _client.Control.Prune(request).ResponseStream.ReadAllAsync().ToListAsync();

    private async Task<List<BuildHistoryEvent>> HistoryAsync(BuildHistoryRequest request) => await _client.Control.ListenBuildHistory(request).ResponseStream.ReadAllAsync().ToListAsync();

    private async Task<string> PostAsync(string path) =>
        (await Command.RunAsync("curl", ["-s", "-X", "POST", "--unix-socket", fixture.Door.Socket, "http://docker" + path])).Succeeded().Output;
}
