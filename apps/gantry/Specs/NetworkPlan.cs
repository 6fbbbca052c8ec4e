using Gantry.Cli.Flags;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Cli.Specs;

/// <summary>The networks that <c>--network</c> and the flags around it ask for.</summary>
/// <param name="Mode">HostConfig.NetworkMode.</param>
/// <param name="Endpoints">Settings of the endpoints, by network.</param>
internal sealed record NetworkPlan(string Mode, IReadOnlyDictionary<string, EndpointSettings> Endpoints)
{
    /// <summary>Reads the flags.</summary>
    /// <exception cref="FlagException">They contradict each other.</exception>
    public static NetworkPlan Of(FlagValues flags)
    {
        var given = flags.List("network").Select(NetworkSpec.Parse).ToList();
        var specs = given.Count > 0 ? given : [NetworkSpec.Parse("default")];
        if (specs.Any(static s => s.Target.Length == 0))
            throw new FlagException("no name set for network");
        AddSeparateFlags(specs[0], flags);
        var userDefined = specs.Count(static s => s.IsUserDefined);
        if (specs.Count > 1 && userDefined > 0 && userDefined < specs.Count)
            throw new FlagException("conflicting options: cannot attach both user-defined and non-user-defined network-modes");
        var endpoints = new SortedDictionary<string, EndpointSettings>(StringComparer.Ordinal);
        foreach (var spec in specs)
        {
            var endpoint = Endpoint(spec);
            // Docker leaves the settings out when one network was named and nothing said about it.
            if (given.Count == 1 && endpoint == new EndpointSettings())
                continue;
            if (!endpoints.TryAdd(spec.Target, endpoint))
                throw new FlagException($"network {GoText.Quote(spec.Target)} is specified multiple times");
        }
        return new(specs[0].Target, endpoints);
    }

    private static void AddSeparateFlags(NetworkSpec spec, FlagValues flags)
    {
        if (flags.List("network-alias") is { Count: > 0 } aliases)
        {
            Conflict(spec.Aliases.Count > 0, "--network-alias", "alias");
            spec.Aliases.AddRange(aliases);
        }
        if (flags.List("link") is { Count: > 0 } links && spec.IsUserDefined)
            spec.Links = links;
        if (flags.Text("ip") is { Length: > 0 } four)
        {
            Conflict(spec.IPv4 is not null, "--ip", "IPv4 address");
            spec.IPv4 = four;
        }
        if (flags.Text("ip6") is { Length: > 0 } six)
        {
            Conflict(spec.IPv6 is not null, "--ip6", "IPv6 address");
            spec.IPv6 = six;
        }
        if (flags.Text("mac-address") is { Length: > 0 } mac)
        {
            Conflict(spec.Mac is not null, "--mac-address", "MAC address");
            spec.Mac = mac;
        }
        if (flags.List("link-local-ip") is { Count: > 0 } locals)
        {
            Conflict(spec.LinkLocalAddresses.Count > 0, "--link-local-ip", "link-local IP addresses");
            spec.LinkLocalAddresses.AddRange(locals);
        }
    }

    private static EndpointSettings Endpoint(NetworkSpec spec)
    {
        if (!spec.IsUserDefined && spec.Aliases.Count > 0)
            throw new FlagException("network-scoped aliases are only supported for user-defined networks");
        if (spec.Mac is { } mac && !IsMac(mac))
            throw new FlagException($"{mac} is not a valid mac address");
        var addressed = spec.IPv4 is not null || spec.IPv6 is not null || spec.LinkLocalAddresses.Count > 0;
        return new()
        {
            IPAMConfig = addressed ? new() { IPv4Address = spec.IPv4, IPv6Address = spec.IPv6, LinkLocalIPs = spec.LinkLocalAddresses.Count > 0 ? spec.LinkLocalAddresses : null } : null,
            Links = spec.Links,
            Aliases = spec.Aliases.Count > 0 ? spec.Aliases : null,
            MacAddress = spec.Mac,
            DriverOpts = spec.DriverOptions,
            GwPriority = spec.GatewayPriority == 0 ? null : spec.GatewayPriority,
        };
    }

    private static bool IsMac(string text)
    {
        var parts = text.Split(':', '-');
        return parts.Length is 6 or 8 && parts.All(static p => p.Length == 2 && p.All(char.IsAsciiHexDigit));
    }

    private static void Conflict(bool both, string flag, string what)
    {
        if (both)
            throw new FlagException($"conflicting options: cannot specify both {flag} and per-network {what}");
    }
}
