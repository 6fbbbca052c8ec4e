using System.Globalization;

namespace Gantry.Engine.Links;

/// <summary>The variables that tell a container of one that it is linked to. Pure.</summary>
/// <remarks>Source: moby daemon/links/links.go ToEnv.</remarks>
public static class LinkEnvironment
{
    /// <summary>The variables.</summary>
    /// <param name="alias">What the other is called here.</param>
    /// <param name="name">Its name in full: <c>/this/alias</c>.</param>
    /// <param name="address">Its address.</param>
    /// <param name="ports">What it exposes.</param>
    /// <param name="environment">Its own variables; those that its image or its creation set.</param>
    public static IReadOnlyList<string> Of(string alias, string name, string address, IEnumerable<(int Port, string Protocol)> ports, IEnumerable<string> environment)
    {
        ArgumentNullException.ThrowIfNull(alias);
        ArgumentNullException.ThrowIfNull(environment);
        var prefix = alias.ToUpperInvariant().Replace('-', '_');
        List<string> variables = [];
        var sorted = ports.Distinct().OrderBy(port => port.Port).ThenBy(port => port.Protocol == "tcp" ? 0 : 1).ToList();
        if (sorted is [var first, ..])
            variables.Add($"{prefix}_PORT={Url(first)}");
        foreach (var port in sorted)
        {
            var one = string.Create(CultureInfo.InvariantCulture, $"{prefix}_PORT_{port.Port}_{port.Protocol.ToUpperInvariant()}");
            variables.AddRange([$"{one}={Url(port)}", $"{one}_ADDR={address}", string.Create(CultureInfo.InvariantCulture, $"{one}_PORT={port.Port}"), $"{one}_PROTO={port.Protocol}"]);
        }
        variables.Add($"{prefix}_NAME={name}");
        foreach (var entry in environment)
        {
            var key = entry.Split('=', 2);
            if (key.Length == 2 && key[0] is not ("HOME" or "PATH"))
                variables.Add($"{prefix}_ENV_{entry}");
        }
        return variables;

        string Url((int Port, string Protocol) port) => string.Create(CultureInfo.InvariantCulture, $"{port.Protocol}://{address}:{port.Port}");
    }
}
