using System.Globalization;
using System.Net;
using Gantry.Cli.Flags;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Cli.Specs;

/// <summary><c>-p 127.0.0.1:8000-8002:80-82/tcp</c> and <c>--expose</c>.</summary>
/// <remarks>Source: docker run reference, "--publish"; texts as docker 28.2.2 says them (go-connections nat).</remarks>
internal sealed class PortSpecs
{
    private readonly SortedDictionary<string, EmptyObject> _exposed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, IReadOnlyList<PortBinding>?> _bindings = new(StringComparer.Ordinal);

    /// <summary>The ports that are open in the container, as <c>80/tcp</c>.</summary>
    public IReadOnlyDictionary<string, EmptyObject> Exposed => _exposed;

    /// <summary>The host's ports for each of the container's.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> Bindings => _bindings;

    /// <summary>Adds a <c>--publish</c>.</summary>
    /// <exception cref="FlagException">It makes no sense.</exception>
    public void Publish(string spec)
    {
        var text = spec.Contains('=', StringComparison.Ordinal) ? FromLongForm(spec) : spec;
        var (address, host, container, protocol) = Split(text);
        var (first, last) = Range(container) ?? throw new FlagException($"invalid containerPort: {container}");
        var hosts = host.Length == 0 ? default : Range(host) ?? throw new FlagException($"invalid hostPort: {host}");
        if (host.Length > 0 && last - first != hosts.Last - hosts.First && last != first)
            throw new FlagException($"invalid ranges specified for container and host Ports: {container} and {host}");
        if (protocol is not ("tcp" or "udp" or "sctp"))
            throw new FlagException($"invalid proto: {protocol}");
        for (var port = first; port <= last; port++)
        {
            var hostPort = host.Length == 0 ? "" : first == last && hosts.First != hosts.Last ? $"{hosts.First}-{hosts.Last}" : Text(hosts.First + port - first);
            Bind($"{port}/{protocol}", new() { HostIp = address, HostPort = hostPort });
        }
    }

    /// <summary>Adds an <c>--expose</c>.</summary>
    /// <exception cref="FlagException">It makes no sense.</exception>
    public void Expose(string spec)
    {
        if (spec.Contains(':', StringComparison.Ordinal))
            throw new FlagException($"invalid port format for --expose: {spec}");
        var (ports, protocol) = SplitProtocol(spec);
        var (first, last) = Range(ports) ?? throw new FlagException($"invalid range format for --expose: {spec}, error: {RangeProblem(ports)}");
        for (var port = first; port <= last; port++)
            _exposed[$"{port}/{protocol}"] = new();
    }

    private void Bind(string port, PortBinding binding)
    {
        _exposed[port] = new();
        if (_bindings.TryGetValue(port, out var there) && there is List<PortBinding> list)
            list.Add(binding);
        else
            _bindings[port] = new List<PortBinding> { binding };
    }

    private static (string Address, string Host, string Container, string Protocol) Split(string text)
    {
        var last = text.LastIndexOf(':');
        var (container, protocol) = SplitProtocol(text[(last + 1)..]);
        if (container.Length == 0)
            throw new FlagException($"no port specified: {text}<empty>");
        if (last < 0)
            return ("", "", container, protocol);
        var before = text[..last];
        var middle = before.LastIndexOf(':');
        var address = middle < 0 ? "" : before[..middle];
        return (Address(address), before[(middle + 1)..], container, protocol);
    }

    private static string Address(string text)
    {
        var bare = text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text;
        // IPAddress takes "1" and "1.2.3" as old shorthand addresses; Go, and so Docker, does not.
        if (bare.Length > 0 && (!IPAddress.TryParse(bare, out _) || (!bare.Contains(':', StringComparison.Ordinal) && bare.Count(static c => c == '.') != 3)))
            throw new FlagException($"invalid IP address: {text}");
        return bare;
    }

    private static (string Ports, string Protocol) SplitProtocol(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return (text, "tcp");
        var protocol = text[(slash + 1)..];
        return (text[..slash], protocol.Length == 0 ? "tcp" : protocol.ToLowerInvariant());
    }

    private static (int First, int Last)? Range(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var first = Port(dash < 0 ? text : text[..dash]);
        var last = dash < 0 ? first : Port(text[(dash + 1)..]);
        return first is { } f && last is { } l && f <= l ? (f, l) : null;
    }

    private static string RangeProblem(string text)
    {
        if (text.Length == 0)
            return "empty string specified for ports";
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        foreach (var part in dash < 0 ? [text] : new[] { text[..dash], text[(dash + 1)..] })
        {
            if (Port(part) is null)
                return $"strconv.ParseUint: parsing {GoText.Quote(part)}: {(part.Length > 0 && part.All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax")}";
        }
        return $"invalid range specified for port: {text}";
    }

    private static int? Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535 ? port : null;

    private static string FromLongForm(string spec)
    {
        string target = "", published = "", protocol = "tcp";
        foreach (var field in Csv.Parse(spec))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || equals == field.Length - 1)
                throw new FlagException($"invalid field: {field}");
            var value = field[(equals + 1)..];
            switch (field[..equals].ToLowerInvariant())
            {
                case "target":
                    target = value;
                    break;
                case "published":
                    published = value;
                    break;
                case "protocol":
                    protocol = value;
                    break;
                case "mode":
                    break;
                default:
                    throw new FlagException($"invalid field key: {field[..equals]}");
            }
        }
        if (target.Length == 0)
            throw new FlagException($"missing mandatory field '\"target\"'");
        return $"{published}:{target}/{protocol}";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
