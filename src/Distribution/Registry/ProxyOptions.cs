namespace Gantry.Distribution;

/// <summary>The proxies between us and registries, as dockerd is told of them.</summary>
public sealed record ProxyOptions
{
    /// <summary>For <c>http://</c>, a URL or <c>host:port</c>; null or empty: none.</summary>
    public string? Http { get; init; }

    /// <summary>For <c>https://</c>; null or empty: none.</summary>
    public string? Https { get; init; }

    /// <summary>What is reached without one, separated by commas: hosts, <c>.domain</c>, addresses, networks, each perhaps with a port; <c>*</c>: everything.</summary>
    public string? Without { get; init; }

    /// <summary>A proxy's address; plain HTTP when it names no scheme; null when it is none.</summary>
    public static Uri? UrlOf(string? text) =>
        !string.IsNullOrEmpty(text) && Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", UriKind.Absolute, out var url) ? url : null;

    /// <summary>Those that are not given, from the environment.</summary>
    /// <param name="variable">A variable of the environment; null when it is not set.</param>
    /// <remarks>Source: golang.org/x/net/http/httpproxy FromEnvironment: the capital name wins.</remarks>
    public ProxyOptions OrEnvironment(Func<string, string?> variable)
    {
        return new()
        {
            Http = Or(Http, "HTTP_PROXY", "http_proxy"),
            Https = Or(Https, "HTTPS_PROXY", "https_proxy"),
            Without = Or(Without, "NO_PROXY", "no_proxy"),
        };

        string? Or(string? given, string name, string small) =>
            !string.IsNullOrEmpty(given) ? given : variable(name) is { Length: > 0 } found ? found : variable(small);
    }
}
