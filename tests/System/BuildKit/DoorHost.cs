using System.Diagnostics;
using System.Net.Sockets;
using Gantry.Api;
using Gantry.Api.BuildKit;
using Gantry.Api.Builds;
using Gantry.Api.Daemon;
using Gantry.Api.Routing;
using Gantry.Api.Server;
using Gantry.Build;
using Gantry.Engine;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gantry.Tests.System.BuildKit;

/// <summary>BuildKit's door on a Unix socket, before a builder of the test's, and the buildx of the newer Debian, unchanged.</summary>
internal sealed class DoorHost : IAsyncDisposable
{
    private readonly BuildKitDoor _door;
    private ApiServer? _server;
    private string _buildx = "";

    private DoorHost(IBuilder builder, GantryEngine? engine) =>
        _door = new BuildKitDoor(new BuildKitFacts(builder, "9.9.9", static () => "10.9.8.7", TimeProvider.System, engine), NullLoggerFactory.Instance);

    /// <summary>A folder of the test's.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("gantry-door-").FullName;

    /// <summary>The directory that is built.</summary>
    public string Context => Path.Combine(Root, "context");

    public string Socket => Path.Combine(Root, "g.sock");

    /// <summary>A door before an engine, for clients of the test's own.</summary>
    public static Task<DoorHost> StartAsync(GantryEngine engine) => new DoorHost(engine.Builder, engine).ServeAsync(engine);

    /// <summary>A door before a builder, for clients of the test's own.</summary>
    public static Task<DoorHost> StartAloneAsync(IBuilder builder) => new DoorHost(builder, null).ServeAsync(null);

    /// <summary>A door before a builder, and buildx.</summary>
    public static async Task<DoorHost> StartAsync(IBuilder builder)
    {
        var host = await StartAloneAsync(builder);
        var peers = (await Command.RunAsync(Path.Combine(Repository.Root, "tests/Support/Peers/fetch.sh"), [])).Succeeded().Text.Trim();
        host._buildx = Path.Combine(peers, "usr/libexec/docker/cli-plugins/docker-buildx");
        return host;
    }

    private async Task<DoorHost> ServeAsync(GantryEngine? engine)
    {
        Directory.CreateDirectory(Context);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Socket));
        Route[] routes =
        [
            new("GET", "/_ping", SystemHandlers.PingAsync),
            new("HEAD", "/_ping", SystemHandlers.PingAsync),
            new("GET", "/version", static exchange => exchange.WriteJsonAsync(new SystemVersion { Version = "9.9.9", ApiVersion = "1.45", Os = "linux", Arch = "amd64" })),
            new("GET", "/info", static exchange => exchange.WriteJsonAsync(new SystemInfo { ID = "door", OSType = "linux", Architecture = "x86_64", Driver = "overlay2" })),
            new("POST", "/grpc", BuildKitDoor.GrpcAsync),
            new("POST", "/session", BuildKitDoor.SessionAsync),
            new("POST", "/build", exchange => BuildHandlers.BuildAsync(exchange, exchange.Engine.Builder, exchange.Engine.Uploads)),
        ];
        var facts = new ServerFacts(engine!, "9.9.9", TimeProvider.System, NullLogger.Instance, null, _door);
        _server = await ApiServer.StartAsync(routes, facts, [new ApiListener { Socket = socket }], NullLoggerFactory.Instance, CancellationToken.None);
        return this;
    }

    /// <summary>Writes a file of the context.</summary>
    public string Write(string path, string text)
    {
        var full = Path.Combine(Context, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    public Task<CommandResult> BuildAsync(params string[] arguments) => BuildWithInputAsync("", arguments);

    public Task<CommandResult> BuildWithInputAsync(string input, params string[] arguments) =>
        Command.RunAsync(_buildx, ["build", "--progress", "plain", .. arguments], input, Environment);

    /// <summary>Asks a question about the build, which buildx of this version does as an experiment.</summary>
    public Task<CommandResult> AskAsync(params string[] arguments) =>
        Command.RunAsync(_buildx, ["build", "--progress", "plain", .. arguments], "", new Dictionary<string, string?>(Environment) { ["BUILDX_EXPERIMENTAL"] = "1" });

    /// <summary>Any of buildx's commands.</summary>
    public Task<CommandResult> BuildxAsync(params string[] arguments) => Command.RunAsync(_buildx, arguments, "", Environment);

    public Process StartBuild(params string[] arguments) => Command.Start(_buildx, ["build", "--progress", "plain", .. arguments], Environment);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    private Dictionary<string, string?> Environment => new()
    {
        ["DOCKER_HOST"] = "unix://" + Socket,
        ["DOCKER_CONFIG"] = Path.Combine(Root, "config"),
        ["BUILDX_NO_DEFAULT_ATTESTATIONS"] = "1",
    };
}
