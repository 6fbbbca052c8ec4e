namespace Gantry.Engine.Planning;

/// <summary>The environment of a container's process.</summary>
/// <remarks>Source: moby container/env.go, ReplaceOrAppendEnvVars.</remarks>
internal static class ContainerEnvironment
{
    public const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>The engine's own variables, then the container's; HOME at the end when nobody set it, or to nothing.</summary>
    public static IReadOnlyList<string> Of(string hostname, bool tty, IReadOnlyList<string>? asked, string home)
    {
        var environment = new List<string> { DefaultPath, $"HOSTNAME={hostname}" };
        if (tty)
            environment.Add("TERM=xterm");
        Merge(environment, asked ?? []);
        // Source: runc init_linux.go, for which an empty one is none.
        environment.Remove("HOME=");
        if (!environment.Exists(entry => entry.StartsWith("HOME=", StringComparison.Ordinal)))
            environment.Add($"HOME={home}");
        return environment;
    }

    /// <summary>Puts entries over others: one of the same name is replaced in place, a name without <c>=</c> is removed.</summary>
    public static void Merge(List<string> environment, IEnumerable<string> entries)
    {
        foreach (var entry in entries)
        {
            var equals = entry.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? entry : entry[..equals];
            var at = environment.FindIndex(known => known.Length > key.Length && known[key.Length] == '=' && known.StartsWith(key, StringComparison.Ordinal));
            if (equals < 0)
            {
                if (at >= 0)
                    environment.RemoveAt(at);
            }
            else if (at >= 0)
            {
                environment[at] = entry;
            }
            else
            {
                environment.Add(entry);
            }
        }
    }
}
