namespace Gantry.Build;

/// <summary>The proxies that a build is given without an ARG: steps see them, and nothing else does.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb proxyEnvFromBuildArgs, solver/llbsolver/ops/exec.go.</remarks>
internal static class Proxies
{
    private static readonly string[] _names = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

    /// <summary><c>NAME=value</c>, each in upper and in lower case.</summary>
    public static IReadOnlyList<string> Environment(IReadOnlyDictionary<string, string?> arguments)
    {
        List<string> environment = [];
        foreach (var name in _names)
        {
            var value = arguments.Where(argument => argument.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
                .OrderBy(static argument => argument.Key, StringComparer.Ordinal).Select(static argument => argument.Value).LastOrDefault();
            if (!string.IsNullOrEmpty(value))
                environment.AddRange([$"{name}={value}", $"{name.ToLowerInvariant()}={value}"]);
        }
        return environment;
    }
}
