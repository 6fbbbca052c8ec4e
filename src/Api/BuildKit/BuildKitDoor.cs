using Gantry.Api.BuildKit.Builds;
using Gantry.Api.BuildKit.Session;
using Gantry.Api.BuildKit.Transport;
using Gantry.Engine.Uploads;
using Microsoft.Extensions.Logging;

namespace Gantry.Api.BuildKit;

/// <summary>What <c>docker buildx build</c> speaks to: <c>POST /grpc</c> and <c>POST /session</c>; and what
/// clients spoke to before it, <c>POST /build?version=2</c>.</summary>
/// <remarks>The gRPC server is made when the first client asks for it: an engine that builds nothing has none.</remarks>
internal sealed class BuildKitDoor : IAsyncDisposable
{
    private readonly ClientSessions _sessions;
    private readonly TracedBuild _traced;
    private readonly Lazy<Task<GrpcServer>> _server;

    public BuildKitDoor(BuildKitFacts facts, ILoggerFactory loggers)
    {
        _sessions = new ClientSessions(facts.Time);
        _traced = new TracedBuild(facts, _sessions);
        var jobs = new BuildJobs(facts.Time);
        // Nobody's request may stop the server that others use: it is started for the engine's lifetime.
        _server = new(() => GrpcServer.StartAsync(jobs, _sessions, facts, loggers, CancellationToken.None));
    }

    public static Task GrpcAsync(Exchange exchange) => Of(exchange).ServeGrpcAsync(exchange);

    public static Task SessionAsync(Exchange exchange) => Of(exchange)._sessions.ServeAsync(exchange);

    public static Task BuildAsync(Exchange exchange, BuildUploads uploads) => Of(exchange)._traced.RunAsync(exchange, uploads);

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
            await (await _server.Value).DisposeAsync();
    }

    private static BuildKitDoor Of(Exchange exchange) => exchange.Facts.BuildKit
        ?? throw Model.GantryException.Of(Model.ErrorKind.NotSupported, "this engine has no builder");

    private async Task ServeGrpcAsync(Exchange exchange)
    {
        var server = await _server.Value;
        var pipe = await Upgrade.ToHttp2Async(exchange);
        await server.ServeAsync(pipe, exchange.Requested);
    }
}
