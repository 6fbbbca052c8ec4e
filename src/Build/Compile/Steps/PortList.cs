using System.Globalization;
using System.Net;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>Reads the ports of EXPOSE.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb/convert_expose.go.</remarks>
internal static class PortList
{
    /// <summary>The container's ports that a text names: <c>port/protocol</c> each.</summary>
    /// <param name="text">As in <c>80</c>, <c>8000-8010/udp</c>, <c>127.0.0.1:80:80</c>; only what is the container's counts.</param>
    /// <param name="lint">Is told what is wrong with a text that is taken all the same.</param>
    /// <exception cref="GantryException">Invalid: it names no ports.</exception>
    public static IReadOnlyList<string> Parse(string text, Action<LintRule, string> lint)
    {
        var parts = text.Split(':');
        var address = string.Join(':', parts.SkipLast(2));
        var hostPort = parts.Length > 1 ? parts[^2] : string.Empty;
        var slash = parts[^1].IndexOf('/', StringComparison.Ordinal);
        var port = slash < 0 ? parts[^1] : parts[^1][..slash];
        if (port.Length == 0)
            throw Invalid($"no port specified: {parts[^1]}<empty>");
        var written = slash < 0 ? string.Empty : parts[^1][(slash + 1)..];
        var protocol = written.ToLowerInvariant();
        if (protocol is not ("" or "tcp" or "udp" or "sctp"))
            throw Invalid("invalid proto: " + protocol);
        if (written != protocol)
            lint(LintRules.ExposeProtoCasing, LintMessages.ExposeProtoCasing(text));
        if (parts.Length > 1)
            lint(LintRules.ExposeInvalidFormat, LintMessages.ExposeInvalidFormat(text));
        if (address.Length > 0 && !IPAddress.TryParse(address.TrimStart('[').TrimEnd(']'), out _))
            throw Invalid("invalid IP address: " + address);
        var (first, last) = Range(port) ?? throw Invalid("invalid containerPort: " + port);
        if (hostPort.Length > 0)
        {
            var (hostFirst, hostLast) = Range(hostPort) ?? throw Invalid("invalid hostPort: " + hostPort);
            if (last != first && last - first != hostLast - hostFirst)
                throw Invalid($"invalid ranges specified for container and host Ports: {port} and {hostPort}");
        }
        var suffix = protocol.Length > 0 ? protocol : "tcp";
        return [.. Enumerable.Range(first, last - first + 1).Select(number => string.Create(CultureInfo.InvariantCulture, $"{number}/{suffix}"))];
    }

    private static (int First, int Last)? Range(string text)
    {
        var ends = text.Split('-');
        if (ends.Length > 2 || !TryPort(ends[0], out var first) || !TryPort(ends[^1], out var last) || last < first)
            return null;
        return (first, last);
    }

    private static bool TryPort(string text, out ushort port) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);

    private static GantryException Invalid(string message) => GantryException.Of(ErrorKind.Invalid, message);
}
