using System.Text;
using Gantry.Network.Ports;

namespace Gantry.Network.Bridge;

/// <summary>The nftables rules of one bridge, as text. Pure.</summary>
/// <remarks>
/// One table of the instance's own, and with IPv6 another of that family with the same rules. Published ports are elements
/// of two maps, so that publishing is adding elements and the number of rules never grows. How a packet goes:
/// <code>
///  from outside, another container,    prerouting: in a map? ─► destination becomes the container ─► forward ─► postrouting
///  another namespace, to a host address
///  from the host itself, to any of its output:     in a map? ─► the same; from 127.0.0.1 the source becomes the bridge's
///  addresses, 127.0.0.1 too (not ::1)
///  from a container to the world       forward ─► postrouting: the source becomes the host's
/// </code>
/// </remarks>
/// <param name="options">Names and policies.</param>
/// <param name="subnet">The containers' subnet.</param>
/// <param name="isIPv6">For packets of IPv6, else of IPv4.</param>
internal sealed class BridgeRules(BridgeOptions options, string subnet, bool isIPv6 = false)
{
    private const string ByPort = "published";
    private const string ByAddress = "published_at";
    private const string Direct = "direct";
    private const string Refused = "refused";

    private string Table => $"{Family} {options.TableName}";

    private string Family { get; } = isIPv6 ? "ip6" : "ip";

    private string AddressType { get; } = isIPv6 ? "ipv6_addr" : "ipv4_addr";

    private string Loopback { get; } = isIPv6 ? "::1" : "127.0.0.0/8";

    private string Any { get; } = isIPv6 ? "::" : "0.0.0.0";

    /// <summary>Commands that make the table anew with these ports: one transaction, no moment without rules.</summary>
    public string Install(IEnumerable<(PublishedPort Port, string Container)> ports)
    {
        var text = new StringBuilder();
        text.Append($"add table {Table}\ndelete table {Table}\ntable {Table} {{\n");
        text.Append($"  map {ByPort} {{ type inet_proto . inet_service : {AddressType} . inet_service; }}\n");
        text.Append($"  map {ByAddress} {{ type {AddressType} . inet_proto . inet_service : {AddressType} . inet_service; }}\n");
        text.Append($"  set {Direct} {{ type {AddressType} . inet_proto . inet_service; }}\n");
        Guard(text);
        if (isIPv6)
            Refuse(text);
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
        var line = port.HostAddress == Any
            ? $"{verb} element {Table} {ByPort} {{ {port.Protocol} . {port.HostPort} : {target} }}\n"
            : $"{verb} element {Table} {ByAddress} {{ {port.HostAddress} . {port.Protocol} . {port.HostPort} : {target} }}\n";
        if (isIPv6 && port.HostAddress == Any)
            line += $"{verb} element {Table} {Refused} {{ {port.Protocol} . {port.HostPort} }}\n";
        return options.AllowDirectRouting && verb == "add" ? line + $"add element {Table} {Direct} {{ {container} . {port.Protocol} . {port.ContainerPort} }}\n" : line;
    }

    // CVE-2020-8558: the host answers 127.0.0.1 through the bridge only because route_localnet is on there, which would
    // also let containers in to what listens on the host's loopback. Nothing from the bridge may say it is, or goes to, loopback.
    private void Guard(StringBuilder text) => text.Append($$"""
          chain guard {
            type filter hook prerouting priority -300; policy accept;
            iifname "{{options.BridgeName}}" {{Family}} daddr {{Loopback}} drop
            iifname "{{options.BridgeName}}" {{Family}} saddr {{Loopback}} drop
          }

        """);

    // The kernel looks for ::1 on the loopback interface alone (rt6_need_strict; there is no route_localnet), so that answers
    // from the bridge never reach it. Refused at once, a client of "localhost" goes on to 127.0.0.1; the socket that reserves
    // the port would let it wait.
    private static void Refuse(StringBuilder text) => text.Append($$"""
          set {{Refused}} { type inet_proto . inet_service; }
          chain local {
            type filter hook output priority 0; policy accept;
            ip6 daddr ::1 meta l4proto tcp meta l4proto . th dport @{{Refused}} reject with tcp reset
            ip6 daddr ::1 meta l4proto . th dport @{{Refused}} reject
          }

        """);

    // NOTE: in prerouting a packet to 127.0.0.0/8 came from another machine of the link, for the host's own goes through
    // output: translating it would open ports that were published on 127.0.0.1 only.
    // NOTE: the last rule must not match on the input interface: where bridged packets pass netfilter (bridge-nf-call-iptables)
    // postrouting has none.
    private void Translate(StringBuilder text)
    {
        var lookup = $$"""
                dnat {{Family}} to {{Family}} daddr . meta l4proto . th dport map @{{ByAddress}}
                fib daddr type local dnat {{Family}} to meta l4proto . th dport map @{{ByPort}}
            """;
        var own = isIPv6 ? "    ip6 daddr ::1 return\n" : "";
        var masquerade = options.Masquerade ? $"    {Family} saddr {subnet} oifname != \"{options.BridgeName}\" masquerade\n" : "";
        text.Append($$"""
              chain prerouting {
                type nat hook prerouting priority -100; policy accept;
                {{Family}} daddr {{Loopback}} return
            {{lookup}}
              }
              chain output {
                type nat hook output priority -100; policy accept;
            {{own}}{{lookup}}
              }
              chain postrouting {
                type nat hook postrouting priority 100; policy accept;
            {{masquerade}}    oifname "{{options.BridgeName}}" {{Family}} saddr {{Loopback}} masquerade
                oifname "{{options.BridgeName}}" {{Family}} saddr {{subnet}} ct status dnat masquerade
              }

            """);
    }

    // Accepting here does not overrule another table's drop; it only ends this chain.
    private void Forward(StringBuilder text)
    {
        var bridge = options.BridgeName;
        var between = options.InterContainer ? "accept" : "drop";
        var direct = options.AllowDirectRouting ? $"    {Family} daddr . meta l4proto . th dport @{Direct} accept\n" : "";
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
