using System.Globalization;
using Gantry.Api.Images;
using Gantry.Api.Routing;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Api.Builds;

/// <summary>The parameters of <c>POST /build</c> → what is to be built. Pure.</summary>
/// <remarks>Source: Engine API 1.50, ImageBuild; moby daemon/server/router/build/build_routes.go.</remarks>
internal static class BuildQuery
{
    /// <summary>Reads the parameters.</summary>
    /// <exception cref="GantryException">Invalid: one of them makes no sense. NotSupported: one asks for what this engine does not do.</exception>
    public static BuildSpec Read(Query query)
    {
        if (query.TextOrNull("outputs") is not null)
            throw GantryException.Of(ErrorKind.Invalid, "the classic builder makes images only: leave \"outputs\" out, or build with BuildKit (version=2)");
        if (query.Text("remote") == "client-session")
            throw GantryException.Of(ErrorKind.Invalid, "a context in the client's session needs BuildKit: send it in the request's body, or ask with version=2");
        return ReadShared(query) with { Outputs = [new() { Kind = BuildOutputKind.Image, Names = Names(query) }] };
    }

    /// <summary>Reads what the classic door and Gantry's own have in common: all but the outputs.</summary>
    /// <exception cref="GantryException">As above.</exception>
    public static BuildSpec ReadShared(Query query)
    {
        Refuse(query);
        return new BuildSpec
        {
            Context = query.TextOrNull("remote") ?? "context",
            DockerfileName = query.TextOrNull("dockerfile") ?? "Dockerfile",
            Target = query.TextOrNull("target"),
            Arguments = JsonParameter.Map(query.Text("buildargs"), "build args"),
            Labels = JsonParameter.Map(query.Text("labels"), "labels").ToDictionary(static label => label.Key, static label => label.Value ?? ""),
            Platforms = Platforms(query.Text("platform")),
            NoCache = query.Flag("nocache"),
            Pull = query.Flag("pull"),
            Network = Network(query.Text("networkmode")),
            NetworkMode = query.Text("networkmode") is "" or "default" or "bridge" or "none" or "host" ? null : query.Text("networkmode"),
            ExtraHosts = query.Many("extrahosts"),
            ShmSizeBytes = Number(query, "shmsize"),
            Ulimits = JsonParameter.Ulimits(query.Text("ulimits")),
            CgroupParent = query.TextOrNull("cgroupparent"),
            Limits = new()
            {
                MemoryBytes = Number(query, "memory"),
                MemorySwapBytes = Number(query, "memswap"),
                CpuShares = Number(query, "cpushares"),
                CpuPeriod = Number(query, "cpuperiod"),
                CpuQuota = Number(query, "cpuquota"),
                CpusetCpus = query.Text("cpusetcpus"),
                CpusetMems = query.Text("cpusetmems"),
            },
            CacheFrom = JsonParameter.List(query.Text("cachefrom"), "cache-from"),
            // Who may call this API may use the host's network anyway.
            Entitlements = query.Text("networkmode") == "host" ? ["network.host"] : [],
        };
    }

    /// <summary>The names that an image gets, in full, each once.</summary>
    /// <exception cref="GantryException">Invalid: not a name.</exception>
    internal static IReadOnlyList<string> Names(Query query)
    {
        var names = new List<string>();
        foreach (var text in query.Many("t"))
        {
            var reference = ImageReference.Parse(text);
            if (reference.Digest is not null)
                throw GantryException.Of(ErrorKind.Invalid, "build tag cannot contain a digest"); // Source: moby
            var name = reference.WithDefaultTag().ToString();
            if (!names.Contains(name))
                names.Add(name);
        }

        return names;
    }

    private static void Refuse(Query query)
    {
        if (query.TextOrNull("isolation") is { } isolation && !isolation.Equals("default", StringComparison.OrdinalIgnoreCase))
            throw GantryException.Of(ErrorKind.Invalid, $"unsupported isolation: {isolation}"); // Source: moby
        // Source: moby builder; on Linux no option of it was ever supported.
        if (JsonParameter.List(query.Text("securityopt"), "security-opt").Count > 0)
            throw GantryException.Of(ErrorKind.Invalid, "The daemon on this platform does not support setting security options on build");
        if (query.Flag("squash"))
            throw GantryException.Of(ErrorKind.Invalid, "squash is only supported with experimental mode, which this engine has not: make one layer with a last stage that takes the others' files (FROM scratch, COPY --from=…)");
    }

    // Read here as well as by the builder: what is none is a fault of the request, not of the build.
    private static string[] Platforms(string text)
    {
        var platforms = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var platform in platforms)
            _ = PlatformText.Parse(platform);
        return platforms;
    }

    private static StepNetwork Network(string mode) => mode switch
    {
        "none" => StepNetwork.None,
        "host" => StepNetwork.Host,
        _ => StepNetwork.Default,
    };

    // As moby reads them: what is no number is no limit.
    private static long? Number(Query query, string name) =>
        long.TryParse(query.Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number != 0 ? number : null;
}
