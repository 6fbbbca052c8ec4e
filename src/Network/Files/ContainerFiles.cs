using System.Text;

namespace Gantry.Network.Files;

/// <summary>The contents of /etc/hosts, /etc/hostname and /etc/resolv.conf of a container. Pure.</summary>
/// <remarks>Source: moby daemon/libnetwork/etchosts and resolvconf, as of API 1.56.</remarks>
public static class ContainerFiles
{
    /// <summary>/etc/hosts: the fixed names, the container's addresses, then the extra hosts.</summary>
    /// <param name="hostname">The container's host name; may contain a domain.</param>
    /// <param name="domainname">Its domain; null or empty for none.</param>
    /// <param name="addresses">The container's addresses; empty without a network of its own.</param>
    /// <param name="extraHosts">As <c>--add-host</c> gives them: <c>name:address</c> or <c>name=address</c>.</param>
    /// <param name="hostGateway">What <c>host-gateway</c> stands for; null when there is none.</param>
    public static string Hosts(string hostname, string? domainname, IReadOnlyList<string> addresses, IReadOnlyList<string>? extraHosts, string? hostGateway)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        var text = new StringBuilder(
            "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
        AddExtra(text, extraHosts ?? [], hostGateway);
        // The domain comes in either of them. Source: moby daemon/libnetwork/sandbox_dns_unix.go makeHostsRecs.
        var names = string.IsNullOrEmpty(domainname) ? hostname : $"{hostname}.{domainname}";
        if (names.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0)
            names += " " + names[..dot];
        foreach (var address in addresses)
            text.Append(address).Append('\t').Append(names).Append('\n');
        return text.ToString();
    }

    /// <summary>/etc/hosts of a build's step: the same in every build, wherever the step's network is.</summary>
    /// <param name="hostname">The step's host name.</param>
    /// <param name="extraHosts">As in <see cref="Hosts"/>.</param>
    /// <param name="hostGateway">What <c>host-gateway</c> stands for; null when there is none.</param>
    /// <remarks>Source: BuildKit executor/oci/hosts.go.</remarks>
    public static string StepHosts(string hostname, IReadOnlyList<string> extraHosts, string? hostGateway)
    {
        ArgumentNullException.ThrowIfNull(extraHosts);
        var text = new StringBuilder($"127.0.0.1\tlocalhost {hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n");
        AddExtra(text, extraHosts, hostGateway);
        return text.ToString();
    }

    /// <summary>/etc/hostname.</summary>
    public static string Hostname(string hostname) => hostname + "\n";

    private static void AddExtra(StringBuilder text, IReadOnlyList<string> extraHosts, string? hostGateway)
    {
        foreach (var extra in extraHosts)
        {
            var split = extra.IndexOfAny([':', '=']);
            if (split <= 0)
                continue;
            var address = extra[(split + 1)..].Trim('[', ']');
            text.Append(address == "host-gateway" ? hostGateway ?? address : address).Append('\t').Append(extra, 0, split).Append('\n');
        }
    }
}
