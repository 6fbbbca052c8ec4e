using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands;

/// <summary>The flags that stand before the command's name.</summary>
internal static class GlobalFlags
{
    public static IReadOnlyList<Flag> All() =>
    [
        new("config", FlagKind.Text, "Location of client config files (default \"~/.docker\")"),
        new("context", FlagKind.Text, "Name of the context to use to connect to the engine (overrides GANTRY_HOST and DOCKER_HOST)", 'c'),
        new("debug", FlagKind.Bool, "Enable debug mode", 'D'),
        new("host", FlagKind.List, "Engine socket to connect to", 'H'),
        new("log-level", FlagKind.Text, "Set the logging level (\"debug\", \"info\", \"warn\", \"error\", \"fatal\") (default \"info\")", 'l', "info"),
        new("tls", FlagKind.Bool, "Use TLS; implied by --tlsverify"),
        new("tlscacert", FlagKind.Text, "Trust certs signed only by this CA (default \"~/.docker/ca.pem\")"),
        new("tlscert", FlagKind.Text, "Path to TLS certificate file (default \"~/.docker/cert.pem\")"),
        new("tlskey", FlagKind.Text, "Path to TLS key file (default \"~/.docker/key.pem\")"),
        new("tlsverify", FlagKind.Bool, "Use TLS and verify the remote"),
        new("version", FlagKind.Bool, "Print version information and quit", 'v'),
    ];
}
