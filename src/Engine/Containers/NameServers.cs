using Gantry.Engine.Composition;
using Gantry.Engine.Operations;
using Gantry.Model.Api;
using Gantry.Network.Files;

namespace Gantry.Engine.Containers;

/// <summary>Which name servers containers ask: their own, the engine's, or those of the host that they can reach.</summary>
internal sealed class NameServers(EngineParts parts)
{
    private int _warned;

    /// <summary>The text of a container's /etc/resolv.conf.</summary>
    /// <param name="hasIPv6">Whether servers with an IPv6 address can be reached.</param>
    public string Text(HostConfig host, NetworkKind network, bool hasIPv6)
    {
        var servers = host.Dns is { Count: > 0 } ? host.Dns : parts.Options.Dns;
        var search = host.DnsSearch is { Count: > 0 } ? host.DnsSearch : parts.Options.DnsSearch;
        var options = host.DnsOptions is { Count: > 0 } ? host.DnsOptions : parts.Options.DnsOptions;
        var text = ReadHost("/etc/resolv.conf");
        // In the host's own network its servers work as they are, those on a loopback address too.
        if (network == NetworkKind.Host && servers.Count == 0 && search.Count == 0 && options.Count == 0)
            return text;
        if (!ResolvConf.NamesReachableServer(text) && File.Exists(ResolvConf.SystemdResolvedPath))
            text = ReadHost(ResolvConf.SystemdResolvedPath);
        var made = ResolvConf.ForContainer(text, servers, search, options, hasIPv6);
        if (made.UsesPublicServers && Interlocked.Exchange(ref _warned, 1) == 0)
            parts.Logger.Notice("no name server of the host's /etc/resolv.conf can be reached from containers: 8.8.8.8 and 8.8.4.4 are used; set others with --dns");
        return made.Text;
    }

    /// <summary>A file of the host's; empty when it is not there.</summary>
    public static string ReadHost(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }
}
