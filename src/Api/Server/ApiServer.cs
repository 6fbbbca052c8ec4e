using System.Net;
using System.Net.Sockets;
using Gantry.Api.BuildKit;
using Gantry.Api.Routing;
using Gantry.Build;
using Gantry.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gantry.Api.Server;

/// <summary>The Engine API on its sockets. Disposing closes them at once; the engine and its containers go on.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly BuildKitDoor? _buildKit;

    private ApiServer(WebApplication application, BuildKitDoor? buildKit)
    {
        _application = application;
        _buildKit = buildKit;
    }

    /// <summary>Begins to serve. When this returns, clients can connect.</summary>
    /// <param name="engine">What answers.</param>
    /// <param name="builder">What builds images; null: nothing does, and clients are told so.</param>
    /// <param name="productVersion">Told in the <c>Server</c> header.</param>
    /// <param name="listeners">Where; at least one. They belong to the server from now on.</param>
    /// <param name="answered">Told after each request.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static Task<ApiServer> StartAsync(
        GantryEngine engine, IBuilder? builder, string productVersion, IReadOnlyList<ApiListener> listeners, Action answered, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var buildKit = builder is null ? null : new BuildKitDoor(new BuildKitFacts(builder, productVersion, () => engine.Networks.HostGateway, time, engine), loggers);
        return StartAsync(Api.Routes.All, new ServerFacts(engine, productVersion, time, loggers.CreateLogger("gantry.api"), answered, buildKit, engine.OffersBuildKit), listeners, loggers, cancellationToken);
    }

    /// <summary>The same, with routes of the caller's (tests of the wire itself).</summary>
    internal static async Task<ApiServer> StartAsync(
        IReadOnlyList<Route> routes, ServerFacts facts, IReadOnlyList<ApiListener> listeners, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        // The empty builder: no configuration files, no environment variables, no signal handlers of its own.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = "/", ApplicationName = "gantryd", EnvironmentName = "Production" });
        var bound = new Dictionary<EndPoint, Socket>();
        builder.WebHost.UseKestrelCore();
        // After Kestrel's own, which is registered without a look at what is there: the last one counts.
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(new BlockPool());
        if (listeners.Any(static l => l.Tls is not null))
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton(loggers);
        builder.Services.Configure<HostOptions>(static o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(500));
        builder.Services.Configure<SocketTransportOptions>(o => o.CreateBoundListenSocket = endpoint => bound[endpoint]);
        builder.Services.Configure<KestrelServerOptions>(options =>
        {
            Limit(options);
            foreach (var listener in listeners)
                Listen(options, listener, bound);
        });
        var application = builder.Build();
        var dispatcher = new Dispatcher(new RouteTable(routes), facts);
        application.Run(dispatcher.HandleAsync);
        await application.StartAsync(cancellationToken);
        return new ApiServer(application, facts.BuildKit);
    }

    /// <summary>Stops listening and ends what is being answered.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        if (_buildKit is not null)
            await _buildKit.DisposeAsync();
    }

    private static void Limit(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.AllowSynchronousIO = false;
        // Images are loaded through bodies of any size; JSON bodies have their limit in Exchange.
        options.Limits.MaxRequestBodySize = null;
        // Streams may be silent for days (events, logs), and a slow disk is no reason to cut an upload off.
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(5);
        options.Limits.MaxRequestLineSize = 512 << 10; // builds carry their arguments and labels in the query
        options.Limits.MaxRequestHeadersTotalSize = 64 << 10; // X-Registry-Config can carry many credentials
    }

    private static void Listen(KestrelServerOptions options, ApiListener listener, Dictionary<EndPoint, Socket> bound)
    {
        var endpoint = listener.Socket.LocalEndPoint ?? throw new ArgumentException("the socket is not bound");
        void Configure(ListenOptions listen)
        {
            bound[listen.EndPoint] = listener.Socket;
            listen.Protocols = HttpProtocols.Http1;
            if (listener.Tls is { } tls)
                listen.UseHttps(https => Secure(https, tls));
            listen.Use(next => async connection =>
            {
                using var hijackable = new HijackableConnection(connection, listener.SendApart);
                await next(hijackable);
            });
        }
        if (endpoint is UnixDomainSocketEndPoint unix)
            options.ListenUnixSocket(unix.ToString()!, Configure);
        else
            options.Listen((IPEndPoint)endpoint, Configure);
    }

    private static void Secure(HttpsConnectionAdapterOptions https, TlsIdentity tls)
    {
        https.ServerCertificate = tls.Certificate;
        https.ServerCertificateChain = tls.Chain;
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (certificate, _, _) => tls.Admits(certificate);
    }
}
