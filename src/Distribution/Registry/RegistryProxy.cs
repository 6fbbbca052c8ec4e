using System.Globalization;
using System.Net;

namespace Gantry.Distribution;

/// <summary>Chooses the proxy for an address.</summary>
/// <remarks>Source: golang.org/x/net/http/httpproxy, as dockerd uses it: this machine is never reached through a proxy.</remarks>
internal sealed class RegistryProxy : IWebProxy
{
    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly string[] _without;

    public RegistryProxy(ProxyOptions options)
    {
        _http = ProxyOptions.UrlOf(options.Http);
        _https = ProxyOptions.UrlOf(options.Https);
        _without = (options.Without ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    public ICredentials? Credentials { get; set; }

    public Uri? GetProxy(Uri destination) => destination.Scheme == Uri.UriSchemeHttps ? _https : _http;

    public bool IsBypassed(Uri host) =>
        GetProxy(host) is null || host.IsLoopback || (IPAddress.TryParse(host.DnsSafeHost, out var address) && IPAddress.IsLoopback(address))
        || Array.Exists(_without, entry => Matches(entry, host.DnsSafeHost, host.Port));

    private static bool Matches(string entry, string host, int port)
    {
        if (entry == "*")
            return true;
        if (IPNetwork.TryParse(entry, out var network))
            return IPAddress.TryParse(host, out var inside) && network.Contains(inside);
        if (IPAddress.TryParse(entry, out var exact))
            return IPAddress.TryParse(host, out var address) && address.Equals(exact);
        var colon = entry.LastIndexOf(':');
        if (colon > 0 && int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var only))
        {
            if (only != port)
                return false;
            entry = entry[..colon];
        }

        var domain = entry.TrimStart('*');
        if (domain.StartsWith('.'))
            return host.EndsWith(domain, StringComparison.OrdinalIgnoreCase);
        return host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase);
    }
}
