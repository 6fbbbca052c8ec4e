using Gantry.Api.BuildKit.Wire;
using Gantry.Api.BuildKit.Wire.Frontend;
using Grpc.Core;
using Grpc.Net.Client;

namespace Gantry.Tests.System.BuildKit;

/// <summary>What buildx is on the wire, without buildx: <c>POST /grpc</c>, and the calls that it makes for a build.</summary>
internal sealed class GrpcClient : IDisposable
{
    private readonly GrpcChannel _channel;

    private GrpcClient(Stream stream)
    {
        var connections = 0;
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = (_, _) => Interlocked.Increment(ref connections) == 1 ? ValueTask.FromResult(stream) : ValueTask.FromException<Stream>(new IOException("the connection has ended")),
                UseProxy = false,
            },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = 16 << 20,
        });
        Control = new Control.ControlClient(_channel);
        Bridge = new LLBBridge.LLBBridgeClient(_channel);
    }

    public Control.ControlClient Control { get; }

    public LLBBridge.LLBBridgeClient Bridge { get; }

    public static async Task<GrpcClient> ConnectAsync(string socketPath) => new(await TakenConnection.OpenAsync(socketPath, "/grpc"));

    /// <summary>What every call of a frontend carries.</summary>
    public static Metadata For(string reference) => new() { { "buildkit-controlapi-buildid", reference } };

    /// <summary>Builds as buildx does: the request that waits, the progress, and meanwhile the frontend's part.</summary>
    /// <param name="options">Of the frontend <c>dockerfile.v0</c>.</param>
    /// <param name="before">Is done with the build's reference and the result before that is handed back.</param>
    public async Task<GrpcBuild> BuildAsync(
        string session,
        Dictionary<string, string> options,
        IEnumerable<Exporter> exporters,
        Func<string, Result, Task>? before = null,
        IReadOnlyDictionary<string, Gantry.Api.BuildKit.Wire.Pb.Definition>? inputs = null,
        CancellationToken cancellationToken = default)
    {
        var reference = Guid.NewGuid().ToString("n");
        var request = new Gantry.Api.BuildKit.Wire.SolveRequest { Ref = reference, Session = session, Exporters = { exporters } };
        var solve = Control.SolveAsync(request, cancellationToken: cancellationToken).ResponseAsync;
        var status = ReadStatusAsync(reference, cancellationToken);
        // A request that is refused at once needs no frontend.
        using var refused = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var handBack = HandBackAsync(reference, options, inputs, before, refused.Token);
        if (await Task.WhenAny(solve, handBack) == solve)
            await refused.CancelAsync();
        await handBack;
        var build = new GrpcBuild { Reference = reference };
        try
        {
            build.Response = (await solve).ExporterResponse.ToDictionary();
        }
        catch (RpcException e)
        {
            build.Failure = e;
        }

        build.Progress = await status;
        return build;
    }

    public async Task<List<StatusResponse>> ReadStatusAsync(string reference, CancellationToken cancellationToken)
    {
        var progress = new List<StatusResponse>();
        using var call = Control.Status(new StatusRequest { Ref = reference }, cancellationToken: CancellationToken.None);
        try
        {
            while (await call.ResponseStream.MoveNext(cancellationToken))
                progress.Add(call.ResponseStream.Current);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Cancelled or StatusCode.NotFound)
        {
            // The test gave the build up, or it was refused.
        }
        catch (OperationCanceledException)
        {
            // So it did.
        }

        return progress;
    }

    // As a frontend does: what fails is handed back as the result.
    private async Task HandBackAsync(
        string reference,
        Dictionary<string, string> options,
        IReadOnlyDictionary<string, Gantry.Api.BuildKit.Wire.Pb.Definition>? inputs,
        Func<string, Result, Task>? before,
        CancellationToken cancellationToken)
    {
        var metadata = For(reference);
        var back = new ReturnRequest();
        try
        {
            await Bridge.PingAsync(new PingRequest(), metadata, cancellationToken: cancellationToken);
            var frontend = new Gantry.Api.BuildKit.Wire.Frontend.SolveRequest { Frontend = options.GetValueOrDefault("frontend", "dockerfile.v0"), AllowResultReturn = true, AllowResultArrayRef = true };
            frontend.FrontendOpt.Add(options.Where(static pair => pair.Key != "frontend").ToDictionary());
            foreach (var (name, graph) in inputs ?? new Dictionary<string, Gantry.Api.BuildKit.Wire.Pb.Definition>())
                frontend.FrontendInputs[name] = graph;
            var solved = await Bridge.SolveAsync(frontend, metadata, cancellationToken: cancellationToken);
            if (before is not null)
                await before(reference, solved.Result);
            back.Result = solved.Result;
        }
        catch (RpcException e)
        {
            back.Error = new Gantry.Api.BuildKit.Wire.Rpc.Status { Code = (int)e.StatusCode, Message = e.Status.Detail };
        }

        try
        {
            await Bridge.ReturnAsync(back, metadata, cancellationToken: cancellationToken);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Cancelled or StatusCode.NotFound)
        {
            // The build is given up, or has ended.
        }
    }

    public void Dispose() => _channel.Dispose();
}
