using System.Text;
using Gantry.Network.Addresses;
using Gantry.Network.Ports;

namespace Gantry.Network.Bridge;

/// <summary>The nftables rules of one bridge, as text. Pure.</summary>
/// <remarks>
/// One table of the instance's own. Published ports are elements of two maps, so that publishing is adding elements and
/// the number of rules never grows. How a packet goes:
/// <code>
///  from outside, another container,    prerouting: in a map? ─► destination becomes the container ─► forward ─► postrouting
///  another namespace, to a host address
///  from the host itself, to any of its output:     in a map? ─► the same; from 127.0.0.1 the source becomes the bridge's
///  addresses, 127.0.0.1 too
///  from a container to the world       forward ─► postrouting: the source becomes the host's
/// </code>
/// </remarks>
internal sealed class BridgeRules(BridgeOptions options, Subnet subnet)
{
    private const string ByPort = "published";
    private const string ByAddress = "published_at";
    private const string Direct = "direct";

    private string Table => $"ip {options.TableName}";

    /// <summary>Commands that make the table anew with these ports: one transaction, no moment without rules.</summary>
    public string Install(IEnumerable<(PublishedPort Port, string Container)> ports)
    {
        var text = new StringBuilder();
        text.Append($"add table {Table}\ndelete table {Table}\ntable {Table} {{\n");
        text.Append($"  map {ByPort} {{ type inet_proto . inet_service : ipv4_addr . inet_service; }}\n");
        text.Append($"  map {ByAddress} {{ type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }}\n");
        text.Append($"  set {Direct} {{ type ipv4_addr . inet_proto . inet_service; }}\n");
        Guard(text);
        Translate(text);
        Forward(text);
        text.Append("}\n");
        foreach (var (port, container) in ports)
            text.Append(Change("add", port, container));
        return text.ToString();
    }

    /// <summary>Commands that make ports reachable.</summary>
    public string Add(IEnumerable<(PublishedPort Port, string Container)> ports) => string.Concat(ports.Select(p => Change("add", p.Port, p.Container)));

    /// <summary>Commands that undo <see cref="Add"/>.</summary>
    public string Delete(IEnumerable<(PublishedPort Port, string Container)> ports) => string.Concat(ports.Select(p => Change("delete", p.Port, p.Container)));

    /// <summary>Removes the table, whether or not it is there.</summary>
    public string Remove() => $"add table {Table}\ndelete table {Table}\n";

    private string Change(string verb, PublishedPort port, string container)
    {
        var target = $"{container} . {port.ContainerPort}";
        var line = port.HostAddress == "0.0.0.0"
            ? $"{verb} element {Table} {ByPort} {{ {port.Protocol} . {port.HostPort} : {target} }}\n"
            : $"{verb} element {Table} {ByAddress} {{ {port.HostAddress} . {port.Protocol} . {port.HostPort} : {target} }}\n";
        return options.AllowDirectRouting && verb == "add" ? line + $"add element {Table} {Direct} {{ {container} . {port.Protocol} . {port.ContainerPort} }}\n" : line;
    }

    // CVE-2020-8558: the host answers 127.0.0.1 through the bridge only because route_localnet is on there, which would
    // also let containers in to what listens on the host's loopback. Nothing from the bridge may say it is, or goes to, loopback.
    private void Guard(StringBuilder text) => text.Append($$"""
          chain guard {
            type filter hook prerouting priority -300; policy accept;
            iifname "{{options.BridgeName}}" ip daddr 127.0.0.0/8 drop
            iifname "{{options.BridgeName}}" ip saddr 127.0.0.0/8 drop
          }

        """);

    // NOTE: in prerouting a packet to 127.0.0.0/8 came from another machine of the link, for the host's own goes through
    // output: translating it would open ports that were published on 127.0.0.1 only.
    // NOTE: the last rule must not match on the input interface: where bridged packets pass netfilter (bridge-nf-call-iptables)
    // postrouting has none.
    private void Translate(StringBuilder text)
    {
        const string Lookup = $$"""
                dnat ip to ip daddr . meta l4proto . th dport map @{{ByAddress}}
                fib daddr type local dnat ip to meta l4proto . th dport map @{{ByPort}}
            """;
        var masquerade = options.Masquerade ? $"    ip saddr {subnet} oifname != \"{options.BridgeName}\" masquerade\n" : "";
        text.Append($$"""
              chain prerouting {
                type nat hook prerouting priority -100; policy accept;
                ip daddr 127.0.0.0/8 return
            {{Lookup}}
              }
              chain output {
                type nat hook output priority -100; policy accept;
            {{Lookup}}
              }
              chain postrouting {
                type nat hook postrouting priority 100; policy accept;
            {{masquerade}}    oifname "{{options.BridgeName}}" ip saddr 127.0.0.0/8 masquerade
                oifname "{{options.BridgeName}}" ip saddr {{subnet}} ct status dnat masquerade
              }

            """);
    }

    // Accepting here does not overrule another table's drop; it only ends this chain.
    private void Forward(StringBuilder text)
    {
        var bridge = options.BridgeName;
        var between = options.InterContainer ? "accept" : "drop";
        var direct = options.AllowDirectRouting ? $"    ip daddr . meta l4proto . th dport @{Direct} accept\n" : "";
        text.Append($$"""
              chain forward {
                type filter hook forward priority 0; policy accept;
                oifname != "{{bridge}}" accept
                ct state established,related accept
                ct status dnat accept
                iifname "{{bridge}}" {{between}}
            {{direct}}    drop
              }

            """);
    }
}
