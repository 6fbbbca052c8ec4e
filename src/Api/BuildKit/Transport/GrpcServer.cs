using System.IO.Pipelines;
using Gantry.Api.BuildKit.Builds;
using Gantry.Api.BuildKit.Session;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gantry.Api.BuildKit.Transport;

/// <summary>The gRPC services on connections that were taken from the API's server. Without a client there is none of it.</summary>
internal sealed class GrpcServer : IAsyncDisposable
{
    /// <summary>Of one message, as BuildKit and its clients have it. Source: containerd defaults.DefaultMaxRecvMsgSize.</summary>
    public const int MostMessageBytes = 16 << 20;

    private readonly WebApplication _application;
    private readonly HijackedListener _listener;
    private int _connections;

    private GrpcServer(WebApplication application, HijackedListener listener)
    {
        _application = application;
        _listener = listener;
    }

    public static async Task<GrpcServer> StartAsync(BuildJobs jobs, ClientSessions sessions, BuildKitFacts facts, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = "/", ApplicationName = "gantryd", EnvironmentName = "Production" });
        var listener = new HijackedListener();
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<ILoggerFactory>(new WarningLoggers(loggers));
        builder.Services.AddSingleton<IConnectionListenerFactory>(listener);
        builder.Services.AddSingleton(jobs);
        builder.Services.AddSingleton(sessions);
        builder.Services.AddSingleton(facts);
        builder.Services.AddSingleton<FrontendInputs>();
        builder.Services.AddSingleton<ControlCalls>();
        builder.Services.AddSingleton<BridgeCalls>();
        builder.Services.AddSingleton<TraceCalls>();
        builder.Services.AddSingleton<HealthCalls>();
        builder.Services.Configure<HostOptions>(static o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(500));
        builder.Services.AddGrpc(static options =>
        {
            options.MaxReceiveMessageSize = MostMessageBytes;
            // Whoever may build may know what the engine failed at.
            options.EnableDetailedErrors = true;
        });
        builder.Services.Configure<KestrelServerOptions>(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MinRequestBodyDataRate = null;
            options.Limits.MinResponseDataRate = null;
            // Finite: Kestrel adds "infinite" to the time of day, which overflows, and an idle connection ended at the next second.
            options.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(10);
            options.Limits.RequestHeadersTimeout = TimeSpan.FromMinutes(10);
            options.Listen(listener.EndPoint, static listen => listen.Protocols = HttpProtocols.Http2);
        });
        var application = builder.Build();
        application.MapGrpcService<ControlCalls>();
        application.MapGrpcService<BridgeCalls>();
        application.MapGrpcService<TraceCalls>();
        application.MapGrpcService<HealthCalls>();
        await application.StartAsync(cancellationToken);
        return new GrpcServer(application, listener);
    }

    /// <summary>Serves a taken connection until either side ends it.</summary>
    public async Task ServeAsync(IDuplexPipe pipe, CancellationToken stopping)
    {
        var connection = new HijackedConnection($"grpc-{Interlocked.Increment(ref _connections)}", pipe);
        await using (connection)
        {
            if (!_listener.TryServe(connection))
                return;
            await using var _ = stopping.Register(connection.Abort);
            await connection.Ended;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }
}
