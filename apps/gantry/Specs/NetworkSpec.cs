using System.Globalization;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Specs;

/// <summary><c>--network web</c> or <c>--network name=web,alias=a,ip=10.0.0.5</c>.</summary>
/// <remarks>Source: docker run reference, "--network".</remarks>
internal sealed record NetworkSpec
{
    public string Target { get; private set; } = "";

    public List<string> Aliases { get; } = [];

    public Dictionary<string, string>? DriverOptions { get; private set; }

    public string? IPv4 { get; set; }

    public string? IPv6 { get; set; }

    public List<string> LinkLocalAddresses { get; } = [];

    public string? Mac { get; set; }

    public int GatewayPriority { get; private set; }

    /// <summary>Links to other containers, from <c>--link</c>.</summary>
    public IReadOnlyList<string>? Links { get; set; }

    /// <summary>Whether it is a network of the user's, not one of the modes that Docker knows.</summary>
    public bool IsUserDefined =>
        Target is not ("default" or "bridge" or "host" or "none" or "nat") && !Target.StartsWith("container:", StringComparison.Ordinal);

    /// <summary>Checks a value and returns it as it is.</summary>
    public static string Check(string value)
    {
        Parse(value);
        return value;
    }

    /// <summary>Reads a network to attach to.</summary>
    /// <exception cref="FlagException">A field is unknown or has no value.</exception>
    public static NetworkSpec Parse(string value)
    {
        var spec = new NetworkSpec();
        if (!value.Contains('=', StringComparison.Ordinal))
        {
            spec.Target = value;
            return spec;
        }
        foreach (var field in Csv.Parse(value))
            spec.Set(field);
        return spec.Target.Length > 0 ? spec : throw new FlagException("network name/id is not specified");
    }

    private void Set(string field)
    {
        var equals = field.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
            throw new FlagException($"invalid field {field}");
        var key = field[..equals].Trim().ToLowerInvariant();
        var value = field[(equals + 1)..].Trim();
        switch (key)
        {
            case "name":
                Target = value;
                break;
            case "alias":
                Aliases.Add(value);
                break;
            case "driver-opt":
                AddDriverOption(value);
                break;
            case "ip":
                IPv4 = value;
                break;
            case "ip6":
                IPv6 = value;
                break;
            case "link-local-ip":
                LinkLocalAddresses.Add(value);
                break;
            case "mac-address":
                Mac = value;
                break;
            case "gw-priority":
                GatewayPriority = int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority)
                    ? priority
                    : throw new FlagException($"invalid gw-priority ({value}): invalid syntax");
                break;
            default:
                throw new FlagException($"invalid field key {key}");
        }
    }

    private void AddDriverOption(string pair)
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
            throw new FlagException("invalid key value pair format in driver options");
        (DriverOptions ??= [])[pair[..equals].Trim()] = pair[(equals + 1)..].Trim();
    }
}
