using System.Text.Json;

namespace Gantry.Network.Bridge;

/// <summary>Looks whether another firewall of this host would drop what containers send. Pure.</summary>
internal static class ForeignFirewall
{
    /// <summary>A sentence for each forward chain of others that drops by default.</summary>
    /// <param name="chains">The answer of <c>nft -j list chains</c>.</param>
    /// <param name="options">Whose bridge and table.</param>
    public static IReadOnlyList<string> Warnings(string chains, BridgeOptions options)
    {
        var warnings = new List<string>();
        using var document = JsonDocument.Parse(chains);
        if (!document.RootElement.TryGetProperty("nftables", out var entries))
            return warnings;
        var all = entries.EnumerateArray().Where(entry => entry.TryGetProperty("chain", out _)).Select(entry => entry.GetProperty("chain")).ToList();
        var hasDockerUser = all.Exists(chain => Text(chain, "name") == "DOCKER-USER");
        foreach (var chain in all)
        {
            var (family, table, name) = (Text(chain, "family"), Text(chain, "table"), Text(chain, "name"));
            if (Text(chain, "hook") != "forward" || Text(chain, "policy") != "drop" || family is not ("ip" or "inet") || table == options.TableName)
                continue;
            var bridge = options.BridgeName;
            var remedy = (table, name) switch
            {
                ("filter", "FORWARD") when hasDockerUser => $"iptables -I DOCKER-USER -i {bridge} -j ACCEPT && iptables -I DOCKER-USER -o {bridge} -j ACCEPT",
                ("filter", "FORWARD") => $"iptables -I FORWARD -i {bridge} -j ACCEPT && iptables -I FORWARD -o {bridge} -j ACCEPT",
                _ => $"nft insert rule {family} {table} {name} iifname {bridge} accept && nft insert rule {family} {table} {name} oifname {bridge} accept",
            };
            warnings.Add($"the firewall table {family} {table} drops forwarded packets by default (chain {name}), so containers on {bridge} may not reach other networks or be reached; Gantry leaves other tables alone. Allow them with: {remedy}");
        }

        return warnings;
    }

    private static string Text(JsonElement chain, string name) =>
        chain.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
