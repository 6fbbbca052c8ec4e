using System.Net;
using Gantry.Model;

namespace Gantry.Distribution;

/// <summary>One server that may have a repository.</summary>
/// <param name="Address">Scheme, host and port.</param>
/// <param name="IsMirror">A mirror: it is shown no credentials, and what it lacks the next one may have.</param>
/// <param name="IsInsecure">Certificates are not verified, and plain HTTP is tried when TLS is not spoken.</param>
public sealed record RegistryEndpoint(Uri Address, bool IsMirror, bool IsInsecure)
{
    // Docker Hub's registry is not at its name. Source: moby registry/config.go.
    private const string DockerHubHost = "registry-1.docker.io";

    /// <summary>The servers to ask for a repository, in order.</summary>
    /// <exception cref="GantryException">Invalid: a mirror's address is not one.</exception>
    public static IReadOnlyList<RegistryEndpoint> For(string domain, RegistryOptions options)
    {
        if (domain != ImageReference.DefaultDomain)
            return [new(new Uri($"https://{domain}/"), false, IsListed(domain, options.InsecureRegistries))];
        var endpoints = new List<RegistryEndpoint>();
        foreach (var mirror in options.Mirrors)
        {
            if (!Uri.TryCreate(mirror.EndsWith('/') ? mirror : mirror + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                throw GantryException.Of(ErrorKind.Invalid, $"invalid registry mirror \"{mirror}\": write it with its scheme, as in https://mirror.example");
            endpoints.Add(new(address, true, address.Scheme == "http" || IsListed(address.Authority, options.InsecureRegistries)));
        }

        endpoints.Add(new(new Uri($"https://{DockerHubHost}/"), false, false));
        return endpoints;
    }

    /// <summary>Whether a host needs no TLS: it is this machine's loopback, or listed by name or network.</summary>
    public static bool IsListed(string authority, IReadOnlyList<string> listed)
    {
        var host = HostOf(authority);
        if (host == "localhost" || listed.Contains(authority) || listed.Contains(host))
            return true;
        if (!IPAddress.TryParse(host, out var address))
            return false;
        return IPAddress.IsLoopback(address) || listed.Any(entry => IPNetwork.TryParse(entry, out var network) && network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address));
    }

    private static string HostOf(string authority)
    {
        if (authority.StartsWith('['))
            return authority[1..Math.Max(1, authority.IndexOf(']', StringComparison.Ordinal))];
        var colon = authority.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? authority : authority[..colon];
    }
}
