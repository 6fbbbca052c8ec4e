using System.Globalization;
using Gantry.Model;

namespace Gantry.Client;

/// <summary>Where an engine listens: a Unix socket, or host and port with or without TLS.</summary>
public sealed record EngineAddress
{
    private EngineAddress(string text) => Text = text;

    /// <summary>The address as it was given, for messages.</summary>
    public string Text { get; }

    /// <summary>The Unix socket's path; null for TCP.</summary>
    public string? SocketPath { get; private init; }

    /// <summary>The host name or address; null for a Unix socket.</summary>
    public string? Host { get; private init; }

    /// <summary>The TCP port; 0 for a Unix socket.</summary>
    public int Port { get; private init; }

    /// <summary>A path in front of every request's, as in <c>tcp://host:1/docker</c>; usually empty.</summary>
    public string BasePath { get; private init; } = "";

    /// <summary>TLS settings; null: plain.</summary>
    public TlsOptions? Tls { get; private init; }

    /// <summary>Reads <c>unix://PATH</c>, <c>tcp://HOST:PORT</c>, <c>http(s)://HOST:PORT</c> or <c>HOST:PORT</c>.</summary>
    /// <exception cref="GantryException">Invalid: none of these.</exception>
    public static EngineAddress Parse(string text, TlsOptions? tls = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        var separator = trimmed.IndexOf("://", StringComparison.Ordinal);
        var scheme = separator < 0 ? "tcp" : trimmed[..separator];
        var rest = separator < 0 ? trimmed : trimmed[(separator + 3)..];
        switch (scheme)
        {
            case "unix":
                return new(trimmed) { SocketPath = rest.Length == 0 ? "/run/gantry/gantry.sock" : rest };
            case "tcp" or "http" or "https":
                return ParseTcp(trimmed, rest, scheme == "https" ? tls ?? new TlsOptions() : tls);
            default:
                throw GantryException.Of(ErrorKind.Invalid, $"unable to parse docker host `{text}`: write unix:///path/to.sock or tcp://host:port");
        }
    }

    private static EngineAddress ParseTcp(string text, string rest, TlsOptions? tls)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var path = slash < 0 ? "" : rest[slash..].TrimEnd('/');
        var authority = slash < 0 ? rest : rest[..slash];
        var port = tls is null ? 2375 : 2376;
        var host = authority;
        var colon = authority.LastIndexOf(':');
        if (colon >= 0 && authority.IndexOf(']', StringComparison.Ordinal) < colon)
        {
            host = authority[..colon];
            if (!int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
                throw GantryException.Of(ErrorKind.Invalid, $"unable to parse docker host `{text}`: \"{authority[(colon + 1)..]}\" is not a port");
        }
        host = host.Trim('[', ']');
        return new(text) { Host = host.Length == 0 ? "127.0.0.1" : host, Port = port, BasePath = path, Tls = tls };
    }
}
