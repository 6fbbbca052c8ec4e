using Gantry.Api.BuildKit.Wire;
using Gantry.Api.BuildKit.Wire.Files;
using Gantry.Api.BuildKit.Wire.Frontend;
using Gantry.Kernel.Sys;
using Gantry.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using Kind = Gantry.Api.BuildKit.Wire.Files.Packet.Types.PacketType;

namespace Gantry.Tests.System.BuildKit;

/// <summary>Clients that go away, break off, or are up to no good: the engine stays whole, and nothing of theirs stays.</summary>
public sealed class GrpcFaultTests(EngineDoor fixture) : IClassFixture<EngineDoor>, IAsyncLifetime
{
    private const uint DirectoryMode = (1u << 31) | 0x1ED;
    private const uint SymlinkMode = (1u << 27) | 0x1FF;

    private readonly string _root = Directory.CreateTempSubdirectory("gantry-fault-").FullName;
    private readonly GrpcSession.Client _has = new();
    private GrpcClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _has.Directories["context"] = _has.Directories["dockerfile"] = _root;
        _client = await GrpcClient.ConnectAsync(fixture.Door.Socket);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        Directory.Delete(_root, recursive: true);
        return default;
    }

    [Theory]
    [InlineData("../../outside", 0x1A4u, "", "no path inside")]
    [InlineData("/etc/outside", 0x1A4u, "", "no path inside")]
    [InlineData("a/../../outside", 0x1A4u, "", "no path inside")]
    [InlineData("link/outside", 0x1A4u, "", "its directory was not sent before it")]
    [InlineData("hard", 0x1A4u, "../../../../etc/passwd", "another name")]
    [InlineData("Dockerfile", DirectoryMode, "", "was sent twice")]
    [InlineData("null", (1u << 26) | (1u << 21) | 0x1B6, "", "device")]
    public async Task PathsLeadNowhereElse(string path, uint mode, string link, string refusal)
    {
        var outside = Path.Combine(_root, "outside");
        Directory.CreateDirectory(outside);
        _has.Sender = (_, requests, packets) => SendAsync(requests, packets, [
            new() { Path = "Dockerfile", Mode = 0x1A4 },
            new() { Path = "link", Mode = SymlinkMode, Linkname = outside },
            new() { Path = path, Mode = mode, Linkname = link },
        ]);
        await using var session = await OpenAsync();
        var build = await _client.BuildAsync(session.Id, [], [new Exporter { Type = "moby" }]);
        Assert.Contains(refusal, build.Failure!.Status.Detail, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
    }

    [Theory]
    [InlineData("after the end of its list")]
    [InlineData("was not asked for")]
    [InlineData("cannot send its files: it is gone")]
    [InlineData("refused the directory")]
    [InlineData("ended the connection")]
    public async Task WhatBreaksTheProtocolEndsTheBuild(string refusal)
    {
        _has.Sender = async (_, requests, packets) =>
        {
            await packets.WriteAsync(new Packet { Stat = new Stat { Path = "Dockerfile", Mode = 0x1A4, Size = 10 } });
            switch (refusal[..5])
            {
                case "after":
                    await packets.WriteAsync(new Packet());
                    await packets.WriteAsync(new Packet { Stat = new Stat { Path = "late", Mode = 0x1A4 } });
                    break;
                case "was n":
                    await packets.WriteAsync(new Packet { Type = Kind.PacketData, ID = 77, Data = ByteString.CopyFromUtf8("x") });
                    break;
                case "canno":
                    await packets.WriteAsync(new Packet { Type = Kind.PacketErr, Data = ByteString.CopyFromUtf8("it is gone") });
                    break;
                case "refus":
                    throw new RpcException(new Status(StatusCode.PermissionDenied, "not for you"));
                default:
                    // The file was begun, and the stream ends.
                    await packets.WriteAsync(new Packet());
                    await packets.WriteAsync(new Packet { Type = Kind.PacketData, ID = 0, Data = ByteString.CopyFromUtf8("FROM") });
                    return;
            }

            while (await requests.MoveNext(CancellationToken.None))
            {
            }
        };
        await using var session = await OpenAsync();
        var build = await _client.BuildAsync(session.Id, [], []);
        Assert.Contains(refusal, build.Failure!.Status.Detail, StringComparison.Ordinal);
        Assert.Contains(build.Progress.SelectMany(static response => response.Vertexes), static vertex => vertex.Error.Length > 0);
    }

    [Fact]
    public async Task ASessionThatDiesEndsItsBuildsAndLeavesNothing()
    {
        Write("Dockerfile", "FROM busybox:test\nCOPY file /\nRUN echo begun; exec sleep 123456\n");
        Write("file", "x");
        var session = await OpenAsync();
        var build = _client.BuildAsync(session.Id, [], [new Exporter { Type = "moby" }]);
        await Eventually.HoldsAsync("the step runs", () => HasSleepAsync("123456"));

        session.Die();

        var ended = await build.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(StatusCode.Cancelled, ended.Failure!.StatusCode);
        await session.DisposeAsync();
        Assert.False(await HasSleepAsync("123456"));
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task ACanceledBuildStopsAtOnceAndOthersGoOn()
    {
        Write("Dockerfile", "FROM busybox:test\nRUN echo begun; exec sleep 234567\n");
        Write("Dockerfile.other", "FROM busybox:test\nRUN sleep 2; echo other\n");
        await using var session = await OpenAsync();
        using var second = await GrpcClient.ConnectAsync(fixture.Door.Socket);
        var other = second.BuildAsync(session.Id, new() { ["filename"] = "Dockerfile.other" }, []);
        using var interrupt = new CancellationTokenSource();
        var build = _client.BuildAsync(session.Id, [], [], cancellationToken: interrupt.Token);
        await Eventually.HoldsAsync("the step runs", () => HasSleepAsync("234567"));

        await interrupt.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await build).Failure!.StatusCode);
        await Eventually.HoldsAsync("the step has ended", async () => !await HasSleepAsync("234567"));
        (await other).Succeeded();
        // The session serves the next one.
        Write("Dockerfile", "FROM busybox:test\n");
        (await _client.BuildAsync(session.Id, [], [])).Succeeded();
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task AConnectionServesOthersWhenACallIsCanceled()
    {
        var begun = new TaskCompletionSource();
        await using var door = await DoorHost.StartAloneAsync(new ScriptedBuilder(async (spec, _, _, token) =>
        {
            if (!begun.TrySetResult())
                return Outcomes.Of(spec);
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException("it is canceled");
        }));
        using var client = await GrpcClient.ConnectAsync(door.Socket);
        await using var session = await GrpcSession.OpenAsync(door.Socket, _has);
        using var interrupt = new CancellationTokenSource();
        var build = client.BuildAsync(session.Id, [], [], cancellationToken: interrupt.Token);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await interrupt.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await build).Failure!.StatusCode);
        (await client.BuildAsync(session.Id, [], [])).Succeeded();
    }

    [Fact]
    public async Task AClientThatOnlyEvaluatesLeavesNothing()
    {
        Write("Dockerfile", "FROM busybox:test\n");
        await using var session = await OpenAsync();
        var reference = Guid.NewGuid().ToString("n");
        using var interrupt = new CancellationTokenSource();
        var solve = _client.Control.SolveAsync(new Gantry.Api.BuildKit.Wire.SolveRequest { Ref = reference, Session = session.Id }, cancellationToken: interrupt.Token).ResponseAsync;
        var result = (await _client.Bridge.SolveAsync(new() { Frontend = "dockerfile.v0", AllowResultReturn = true, AllowResultArrayRef = true, Evaluate = true }, GrpcClient.For(reference))).Result;
        await _client.Bridge.EvaluateAsync(new EvaluateRequest { Ref = result.Ref.Id }, GrpcClient.For(reference));
        await interrupt.CancelAsync();
        await Assert.ThrowsAsync<RpcException>(() => solve);
        await NothingIsLeftAsync();
        Assert.Equal("canceled", fixture.Host.Engine.BuildHistory.Find(reference)!.Status);
    }

    [Fact]
    public async Task WhatIsNotHereIsRefused()
    {
        Write("Dockerfile", "FROM busybox:test\n");
        await using var session = await OpenAsync();
        Assert.Contains("frontend weather.v0 is not here: dockerfile.v0 is", await RefusalAsync(new() { ["frontend"] = "weather.v0" }), StringComparison.Ordinal);
        Assert.Contains("the frontend image \"example.com/mine:1\" cannot be run", await RefusalAsync(new() { ["frontend"] = "gateway.v0", ["source"] = "example.com/mine:1" }), StringComparison.Ordinal);
        Assert.Contains("unsupported frontend capability", await RefusalAsync(new() { ["frontend.caps"] = "moby.buildkit.frontend.weather" }), StringComparison.Ordinal);
        Assert.Contains("exporter \"ether\" could not be found", await RefusalAsync([], new Exporter { Type = "ether" }), StringComparison.Ordinal);
        Assert.Contains("invalid reference format", await RefusalAsync([], new Exporter { Type = "moby", Attrs = { ["name"] = "UPPER" } }), StringComparison.Ordinal);
        Assert.Contains("no result of another build was given for the context \"x\"", await RefusalAsync(new() { ["context:busybox:test"] = "input:x" }), StringComparison.Ordinal);

        // A reference twice, one that nobody began, a result that nobody has, calls without a build.
        var reference = Guid.NewGuid().ToString("n");
        var first = _client.Control.SolveAsync(new Gantry.Api.BuildKit.Wire.SolveRequest { Ref = reference, Session = session.Id }).ResponseAsync;
        await _client.Bridge.PingAsync(new PingRequest(), GrpcClient.For(reference));
        var again = await Assert.ThrowsAsync<RpcException>(async () => await _client.Control.SolveAsync(new Gantry.Api.BuildKit.Wire.SolveRequest { Ref = reference, Session = session.Id }));
        Assert.Equal(StatusCode.AlreadyExists, again.StatusCode);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(async () => await _client.Bridge.EvaluateAsync(new EvaluateRequest { Ref = "x-1" }, GrpcClient.For(reference)))).StatusCode);
        Assert.Contains("no buildid", (await Assert.ThrowsAsync<RpcException>(async () => await _client.Bridge.PingAsync(new PingRequest()))).Status.Detail, StringComparison.Ordinal);
        await _client.Bridge.ReturnAsync(new ReturnRequest { Error = new Gantry.Api.BuildKit.Wire.Rpc.Status { Code = 9, Message = "as the client says" } }, GrpcClient.For(reference));
        var said = await Assert.ThrowsAsync<RpcException>(() => first);
        Assert.Equal((StatusCode.FailedPrecondition, "as the client says"), (said.StatusCode, said.Status.Detail));

        // Bytes that are no HTTP/2: the engine serves the next connection.
        await using (var noise = await TakenConnection.OpenAsync(fixture.Door.Socket, "/grpc"))
        {
            await noise.WriteAsync(new byte[4096]);
        }

        (await _client.BuildAsync(session.Id, [], [])).Succeeded();

        async Task<string> RefusalAsync(Dictionary<string, string> options, params Exporter[] exporters)
        {
            var refused = await _client.BuildAsync(session.Id, options, exporters);
            return refused.Failure!.Status.Detail;
        }
    }

    private static async Task SendAsync(IAsyncStreamReader<Packet> requests, IServerStreamWriter<Packet> packets, Stat[] stats)
    {
        foreach (var stat in stats)
            await packets.WriteAsync(new Packet { Stat = stat });
        await packets.WriteAsync(new Packet());
        while (await requests.MoveNext(CancellationToken.None))
            await packets.WriteAsync(new Packet { Type = Kind.PacketData, ID = requests.Current.ID });
    }

    private static async Task<bool> HasSleepAsync(string seconds) => (await Command.RunAsync("pgrep", ["-f", $"^sleep {seconds}$"])).ExitCode == 0;

    private async Task NothingIsLeftAsync()
    {
        var root = fixture.Host.DataRoot;
        string[] passing = ["builds/scratch", "builds/sources", "builds/contexts", "snapshots"];
        await Eventually.HoldsAsync("nothing of the build is left", () => Task.FromResult(passing.All(name => !Directory.EnumerateFileSystemEntries(Path.Combine(root, name)).Any())));
        Assert.DoesNotContain(MountTable.Read(), mount => mount.MountPoint.StartsWith(root, StringComparison.Ordinal) && mount.MountPoint != root);
    }

    private Task<GrpcSession> OpenAsync() => GrpcSession.OpenAsync(fixture.Door.Socket, _has);

    private void Write(string path, string text) => File.WriteAllText(Path.Combine(_root, path), text);
}
