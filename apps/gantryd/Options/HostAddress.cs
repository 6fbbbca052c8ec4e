using System.Globalization;
using System.Net;

namespace Gantry.Apps.Options;

/// <summary>One address to listen on: a Unix socket's path, a TCP endpoint, or sockets handed over by systemd.</summary>
internal sealed record HostAddress
{
    private const int TlsPort = 2376;
    private const int PlainPort = 2375;

    public string? UnixPath { get; private init; }

    public IPEndPoint? Tcp { get; private init; }

    /// <summary>The socket has been opened by whoever started the engine.</summary>
    public bool Inherited { get; private init; }

    /// <summary>Reads <c>unix://PATH</c>, <c>tcp://[ADDRESS][:PORT]</c> or <c>fd://</c>.</summary>
    /// <returns>Null when it cannot be used; the problem says why, and what to write instead.</returns>
    public static HostAddress? Parse(string text, DaemonOptions options, out string? problem)
    {
        problem = null;
        if (text is ['/', ..])
            text = "unix://" + text;
        if (text.StartsWith("unix://", StringComparison.Ordinal))
        {
            var path = text["unix://".Length..] is { Length: > 0 } given ? given : DaemonOptions.DefaultHost["unix://".Length..];
            // Source: unix(7), sun_path is 108 bytes with its end.
            problem = !Path.IsPathRooted(path) ? "expected an absolute path" : path.Length > 107 ? "the path is longer than 107 characters, the kernel's limit for sockets" : null;
            return problem is null ? new HostAddress { UnixPath = path } : null;
        }
        if (text.StartsWith("fd://", StringComparison.Ordinal))
            return new HostAddress { Inherited = true };
        if (text.StartsWith("tcp://", StringComparison.Ordinal))
            return ParseTcp(text["tcp://".Length..].TrimEnd('/'), options, out problem);
        if (!text.Contains("://", StringComparison.Ordinal) && text.Contains(':', StringComparison.Ordinal)) // Source: docker/cli opts/hosts.go: what has no scheme is tcp
            return ParseTcp(text.TrimEnd('/'), options, out problem);
        problem = "expected unix://PATH, tcp://ADDRESS:PORT or fd://";
        return null;
    }

    private static HostAddress? ParseTcp(string text, DaemonOptions options, out string? problem)
    {
        problem = null;
        var colon = text.LastIndexOf(':');
        var hasPort = colon >= 0 && text.IndexOf(']', StringComparison.Ordinal) < colon;
        var host = (hasPort ? text[..colon] : text).Trim('[', ']');
        var port = options.TlsVerify ? TlsPort : PlainPort;
        if (hasPort && !(int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 0 and <= 65535))
        {
            problem = "the port is not a number from 0 to 65535";
            return null;
        }
        var address = host is "" or "localhost" ? IPAddress.Loopback : IPAddress.TryParse(host, out var parsed) ? parsed : null;
        if (address is null)
            problem = $"\"{host}\" is not an IP address";
        else if (!options.TlsVerify && !IPAddress.IsLoopback(address))
            problem = "without TLS anybody who reaches the port would be root on this machine: add --tlsverify with --tlscacert, --tlscert and --tlskey";
        else if (!options.TlsVerify && !options.AllowPlainTcp)
            problem = "without TLS every local user would be root: add --tlsverify, or --allow-plain-tcp if that is meant";
        return problem is null ? new HostAddress { Tcp = new IPEndPoint(address!, port) } : null;
    }
}
