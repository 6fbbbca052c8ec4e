using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gantry.Model;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Logs.Drivers;

/// <summary>The options of the driver <c>syslog</c>: where to, and how.</summary>
/// <remarks>Source: moby daemon/logger/syslog/syslog.go.</remarks>
internal static class SyslogTarget
{
    private const int DefaultPort = 514;
    private const int Daemon = 3;
    private const string Secure = "tcp+tls";

    private static readonly string[] s_facilities =
        ["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "", "", "", "", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"];

    // Source: srslog, where a local daemon may listen.
    private static readonly string[] s_localSockets = ["/dev/log", "/var/run/syslog", "/var/run/log"];

    /// <summary>Refuses what makes no sense.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static void Check(IReadOnlyDictionary<string, string> settings)
    {
        _ = AddressOf(settings);
        _ = FacilityOf(settings);
        _ = FormatOf(settings);
    }

    /// <summary>The target, with its name looked up.</summary>
    /// <exception cref="GantryException">Unavailable: the name stands for nothing, or no local daemon listens.</exception>
    public static async Task<MonitorRemoteLog> OfAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var (protocol, address, port) = AddressOf(settings);
        if (protocol.Length == 0)
            (protocol, address) = FindLocal();
        var host = address;
        if (protocol is "tcp" or "udp" or Secure)
            address = await ResolveAsync(host, cancellationToken);
        return new MonitorRemoteLog
        {
            Protocol = protocol == Secure ? "tcp" : protocol,
            Address = address,
            Port = port,
            Tls = protocol == Secure ? TlsOf(settings, host) : null,
            Facility = FacilityOf(settings),
            Format = FormatOf(settings),
        };
    }

    // As with Docker, the option's presence skips the check, whatever its value.
    private static MonitorTls TlsOf(IReadOnlyDictionary<string, string> settings, string host) => new()
    {
        Host = host,
        AuthorityFile = settings.GetValueOrDefault("syslog-tls-ca-cert") ?? "",
        CertificateFile = settings.GetValueOrDefault("syslog-tls-cert") ?? "",
        KeyFile = settings.GetValueOrDefault("syslog-tls-key") ?? "",
        SkipVerify = settings.ContainsKey("syslog-tls-skip-verify"),
    };

    /// <summary>Protocol, host or path, and port; an empty protocol: the local daemon.</summary>
    internal static (string Protocol, string Address, int Port) AddressOf(IReadOnlyDictionary<string, string> settings)
    {
        if (settings.GetValueOrDefault("syslog-address") is not { Length: > 0 } text)
            return ("", "", 0);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || !text.Contains("://", StringComparison.Ordinal))
            throw Invalid($"syslog-address should be in form proto://address, got {text}");
        switch (uri.Scheme)
        {
            case "unix" or "unixgram":
                var path = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
                return path.StartsWith('/') ? (uri.Scheme, path, 0) : throw Invalid($"syslog-address \"{text}\" needs a whole path, as in unix:///dev/log");
            case "udp" or "tcp" or Secure:
                return uri.Host.Length > 0 ? (uri.Scheme, uri.Host.Trim('[', ']'), uri.Port > 0 ? uri.Port : DefaultPort) : throw Invalid($"syslog-address should be in form proto://address, got {text}");
            default:
                throw Invalid($"syslog-address \"{text}\": unknown protocol {uri.Scheme}: use udp, tcp, tcp+tls, unix or unixgram");
        }
    }

    private static int FacilityOf(IReadOnlyDictionary<string, string> settings)
    {
        if (settings.GetValueOrDefault("syslog-facility") is not { Length: > 0 } text)
            return Daemon;
        var known = Array.IndexOf(s_facilities, text);
        if (known >= 0)
            return known;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 23 ? number : throw Invalid($"invalid syslog facility \"{text}\": use daemon, user, local0 to local7, or a number up to 23");
    }

    private static string FormatOf(IReadOnlyDictionary<string, string> settings) => settings.GetValueOrDefault("syslog-format") switch
    {
        null or "" => "",
        "rfc3164" or "rfc5424" or "rfc5424micro" => settings["syslog-format"],
        var other => throw Invalid($"Invalid syslog format: {other}: use rfc3164, rfc5424 or rfc5424micro"),
    };

    private static (string Protocol, string Address) FindLocal()
    {
        var path = s_localSockets.FirstOrDefault(File.Exists)
            ?? throw GantryException.Of(ErrorKind.Unavailable, "failed to initialize logging driver: Unix syslog delivery error: no daemon listens on /dev/log; start one, or name it with --log-opt syslog-address=udp://ADDRESS:514");
        return ("unixgram", path);
    }

    private static async Task<string> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var known))
            return known.ToString();
        try
        {
            return (await Dns.GetHostAddressesAsync(host, cancellationToken)).OrderBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).First().ToString();
        }
        catch (SocketException error)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"failed to initialize logging driver: the log server \"{host}\" is not known: {error.Message}", cause: error);
        }
    }

    private static GantryException Invalid(string sentence) => GantryException.Of(ErrorKind.Invalid, sentence);
}
