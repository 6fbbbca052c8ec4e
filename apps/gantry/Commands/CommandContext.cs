using Gantry.Cli.Config;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Client;

namespace Gantry.Cli.Commands;

/// <summary>What every command shares: the streams, the configuration file, the engine. Each is made when first used.</summary>
internal sealed class CommandContext : IDisposable
{
    private readonly FlagValues _globals;
    private EngineClient? _client;
    private ClientConfig? _config;

    public CommandContext(FlagValues globals, TextOutput output, TextOutput error)
    {
        _globals = globals;
        Out = output;
        Error = error;
    }

    /// <summary>Standard output.</summary>
    public TextOutput Out { get; }

    /// <summary>Standard error.</summary>
    public TextOutput Error { get; }

    /// <summary>The global flags.</summary>
    public FlagValues Globals => _globals;

    /// <summary>Where the engine listens.</summary>
    public EngineLocation Location => field ??= EngineLocation.Of(_globals, Config);

    /// <summary>The user's configuration file; an empty one when there is none.</summary>
    public ClientConfig Config => _config ??= ClientConfig.Read(_globals.Text("config"), Error);

    /// <summary>What to do about the failure that is on its way, printed below it; null: nothing is known.</summary>
    public string? Advice { get; set; }

    /// <summary>The engine; started when nobody answers on the default socket and we may.</summary>
    /// <exception cref="Model.GantryException">Unavailable: there is none and none can be started.</exception>
    public EngineClient Client => _client ??= Connect(start: true);

    /// <summary>The engine, but none is started.</summary>
    public EngineClient ClientIfRunning => _client ??= Connect(start: false);

    public void Dispose() => _client?.Dispose();

    private EngineClient Connect(bool start)
    {
        var location = Location;
        var version = Environment.GetEnvironmentVariable("DOCKER_API_VERSION") is { Length: > 0 } given ? given : location.IsDefault ? EngineTransport.NewestVersion : null;
        return new(new EngineTransport(location.Address, version)
        {
            ExtraHeaders = Config.HttpHeaders,
            StartEngine = start && location.IsDefault ? () => EngineStart.Start(location.Address, Error) : null,
        });
    }
}
