using Gantry.Engine;

namespace Gantry.Apps.Options;

/// <summary>Everything that gantryd can be told. Filled from flags and <c>daemon.json</c> by <see cref="OptionReader"/>.</summary>
internal sealed record DaemonOptions
{
    public const string DefaultConfigFile = "/etc/gantry/daemon.json";
    public const string DefaultHost = "unix:///run/gantry/gantry.sock";

    /// <summary>The engine's part.</summary>
    public required EngineOptions Engine { get; init; }

    /// <summary>Where to listen, as written: <c>unix://PATH</c>, <c>tcp://ADDRESS:PORT</c>, <c>fd://</c>.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [DefaultHost];

    /// <summary>The group that may use the Unix sockets; null: <c>gantry</c> when there is such a group.</summary>
    public string? Group { get; init; }

    public string ConfigFile { get; init; } = DefaultConfigFile;

    /// <summary>Null: <c>gantryd.pid</c> in the exec root.</summary>
    public string? PidFile { get; init; }

    /// <summary>debug, info, warn, error or fatal.</summary>
    public string LogLevel { get; init; } = "info";

    /// <summary>TLS on TCP sockets, with client certificates checked.</summary>
    public bool TlsVerify { get; init; }

    /// <summary>TLS was asked for without a check of clients, which is refused.</summary>
    public bool TlsOnly { get; init; }

    /// <summary>Devices of CDI specifications were not wanted (feature <c>cdi=false</c>), wherever those lie.</summary>
    public bool WithoutCdi { get; init; }

    /// <summary>Rules for IPv6 were not wanted (<c>--ip6tables=false</c>), which is refused where there is IPv6.</summary>
    public bool WithoutRules6 { get; init; }

    public string TlsAuthority { get; init; } = "/etc/gantry/ca.pem";

    public string TlsCertificate { get; init; } = "/etc/gantry/cert.pem";

    public string TlsKey { get; init; } = "/etc/gantry/key.pem";

    /// <summary>TCP without TLS is allowed, on loopback addresses.</summary>
    public bool AllowPlainTcp { get; init; }

    /// <summary>Only check the configuration.</summary>
    public bool Validate { get; init; }

    public bool ShowVersion { get; init; }

    public bool ShowHelp { get; init; }
}
