using Gantry.Cli.Flags;
using Gantry.Cli.Specs;
using Gantry.Client;
using Gantry.Kernel.Sys;

namespace Gantry.Cli.Builds;

/// <summary>The flags of <c>build</c>: Docker's classic ones and those of buildx.</summary>
internal static class BuildFlags
{
    public static IReadOnlyList<Flag> All() =>
    [
        new("add-host", FlagKind.List, "Add a custom host-to-IP mapping (\"host:ip\")"),
        new("allow", FlagKind.Strings, "Allow extra privileged entitlement (e.g., \"network.host\", \"security.insecure\")"),
        new("annotation", FlagKind.List, "Add annotation to the image (e.g., \"index:key=value\")"),
        new("attest", FlagKind.List, "Attestation parameters (e.g., \"type=sbom\", \"type=provenance,mode=max\")"),
        new("build-arg", FlagKind.List, "Set build-time variables"),
        new("build-context", FlagKind.Strings, "Additional build contexts (e.g., name=path)"),
        new("cache-from", FlagKind.Strings, "External cache sources (e.g., \"user/app:cache\", \"type=local,src=path\")"),
        new("cache-to", FlagKind.Strings, "Cache export destinations (e.g., \"type=registry,ref=name\", \"type=local,dest=path\", \"type=inline\")"),
        new("call", FlagKind.Text, "Set method for evaluating build (\"check\", \"outline\", \"targets\")", Default: "build"),
        new("cgroup-parent", FlagKind.Text, "Set the parent cgroup for the \"RUN\" instructions during build"),
        new("check", FlagKind.Bool, "Shorthand for \"--call=check\": look for mistakes in the Dockerfile and build nothing"),
        new("compress", FlagKind.Bool, "Compress the build context using gzip") { Hidden = true },
        new("context-report", FlagKind.Bool, "Say what the context holds, and whether secrets are among it, without building"),
        new("cpu-period", FlagKind.Int, "Limit the CPU CFS (Completely Fair Scheduler) period"),
        new("cpu-quota", FlagKind.Int, "Limit the CPU CFS (Completely Fair Scheduler) quota"),
        new("cpu-shares", FlagKind.Int, "CPU shares (relative weight)", 'c'),
        new("cpuset-cpus", FlagKind.Text, "CPUs in which to allow execution (0-3, 0,1)"),
        new("cpuset-mems", FlagKind.Text, "MEMs in which to allow execution (0-3, 0,1)"),
        new("disable-content-trust", FlagKind.Bool, "Skip image verification (default true)", Default: "true"),
        new("file", FlagKind.Text, "Name of the Dockerfile (default: \"PATH/Dockerfile\")", 'f'),
        new("force-rm", FlagKind.Bool, "Always remove intermediate containers") { Hidden = true },
        new("iidfile", FlagKind.Text, "Write the image ID to a file"),
        new("isolation", FlagKind.Text, "Container isolation technology"),
        new("label", FlagKind.List, "Set metadata for an image"),
        new("load", FlagKind.Bool, "Keep the result as an image of the engine, whatever else --output says"),
        new("memory", FlagKind.Bytes, "Memory limit", 'm'),
        new("memory-swap", FlagKind.Bytes, "Swap limit equal to memory plus swap: -1 to enable unlimited swap") { Normalize = ByteSize.NormalizeSwap },
        new("metadata-file", FlagKind.Text, "Write build result metadata to a file"),
        new("network", FlagKind.Text, "Set the networking mode for the \"RUN\" instructions during build", Default: "default"),
        new("no-cache", FlagKind.Bool, "Do not use cache when building the image"),
        new("no-cache-filter", FlagKind.Strings, "Do not cache specified stages"),
        new("on-fail", FlagKind.Text, "What to do where a step fails: \"shell\" opens one in the state that it left"),
        new("output", FlagKind.List, "Output destination (e.g., \"type=local,dest=path\")", 'o'),
        new("platform", FlagKind.Text, "Set target platform for build"),
        new("progress", FlagKind.Text, "Set type of progress output (\"auto\", \"plain\", \"tty\", \"quiet\", \"rawjson\")", Default: "auto"),
        new("provenance", FlagKind.Text, "Say what the image was made of (\"mode=min\", \"mode=max\"); shorthand for --attest=type=provenance"),
        new("pull", FlagKind.Bool, "Always attempt to pull newer versions of the images"),
        new("push", FlagKind.Bool, "Push the result to its registry"),
        new("quiet", FlagKind.Bool, "Suppress the build output and print image ID on success", 'q'),
        new("rm", FlagKind.Bool, "Remove intermediate containers after a successful build", Default: "true") { Hidden = true },
        new("sbom", FlagKind.Text, "List the image's packages (\"true\"); shorthand for --attest=type=sbom"),
        new("secret", FlagKind.List, "Secret to expose to the build (e.g., \"id=token,src=token.txt\")"),
        new("security-opt", FlagKind.Strings, "Security options"),
        new("shm-size", FlagKind.Bytes, "Size of \"/dev/shm\""),
        new("squash", FlagKind.Bool, "Squash newly built layers into a single new layer"),
        new("ssh", FlagKind.List, "SSH agent socket or keys to expose to the build"),
        new("tag", FlagKind.List, "Name and optionally a tag in the \"name:tag\" format", 't'),
        new("target", FlagKind.Text, "Set the target build stage to build"),
        new("ulimit", FlagKind.Ulimit, "Ulimit options"),
        new("verify", FlagKind.Bool, "Build once more without the cache, and fail where that makes other files"),
        new("why", FlagKind.Bool, "Say for every step that ran what changed since the last build"),
    ];

    /// <summary>Refuses what this client does not do, before anything is sent.</summary>
    /// <exception cref="FlagException">One of the flags is not supported, or makes no sense.</exception>
    public static void Check(FlagValues flags)
    {
        if (flags.Text("on-fail") is not ("" or "shell"))
            throw new FlagException($"invalid --on-fail {flags.Text("on-fail")}: only shell is known, which opens one where a step failed");
        if (flags.Text("on-fail") == "shell" && !(Terminals.IsTerminal(0) && Terminals.IsTerminal(1)))
            throw new FlagException("--on-fail shell needs a terminal: run it in one; gantry builder logs shows what a failed build wrote");
        if (flags.Text("progress") is not ("auto" or "plain" or "tty" or "quiet" or "rawjson" or "none"))
            throw new FlagException($"invalid progress mode {flags.Text("progress")}: use auto, plain, tty, quiet or rawjson");
        foreach (var platform in flags.Text("platform").Split(','))
            Platforms.Check(platform.Trim());
    }

    /// <summary>The flags as the parameters of a build; where the files come from is added by the caller.</summary>
    /// <param name="environment">Values of <c>--build-arg NAME</c>.</param>
    public static BuildRequest Read(FlagValues flags, IReadOnlyList<OutputSpec> outputs, CacheSpecs caches, IReadOnlyDictionary<string, string?> contexts, Func<string, string?> environment)
    {
        var arguments = flags.List("build-arg").ToDictionaryOfLast(argument => argument.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? argument[(at + 1)..] : environment(argument));
        // Source: buildx build/opt.go.
        if (environment("SOURCE_DATE_EPOCH") is { } epoch)
            arguments.TryAdd("SOURCE_DATE_EPOCH", epoch);
        return new()
        {
            Tags = flags.List("tag"),
            Arguments = arguments,
            Labels = flags.List("label").ToDictionaryOfLast(static label => label.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? label[(at + 1)..] : ""),
            Contexts = contexts,
            Target = flags.Text("target"),
            Platform = flags.Text("platform"),
            NoCache = flags.Bool("no-cache"),
            NoCacheStages = Split(flags.List("no-cache-filter")),
            Pull = flags.Bool("pull"),
            Network = flags.Text("network"),
            ExtraHosts = [.. flags.List("add-host").Select(static host => host.AsSpan().IndexOfAny('=', ':') is >= 0 and var at ? host[..at] + ":" + host[(at + 1)..] : host)],
            ShmSizeBytes = flags.Number("shm-size"),
            Ulimits = [.. flags.List("ulimit").Select(UlimitSpec.Parse).Select(static limit => (limit.Name ?? "", limit.Soft ?? 0, limit.Hard ?? 0))],
            CgroupParent = flags.Text("cgroup-parent"),
            MemoryBytes = flags.Number("memory"),
            MemorySwapBytes = flags.Number("memory-swap"),
            CpuShares = flags.Number("cpu-shares"),
            CpuPeriod = flags.Number("cpu-period"),
            CpuQuota = flags.Number("cpu-quota"),
            CpusetCpus = flags.Text("cpuset-cpus"),
            CpusetMems = flags.Text("cpuset-mems"),
            CacheImports = caches.Imports,
            CacheExports = caches.Exports,
            Verify = flags.Bool("verify"),
            SecurityOptions = flags.List("security-opt"),
            Isolation = flags.Text("isolation"),
            Squash = flags.Bool("squash"),
            OnFail = flags.Text("on-fail"),
            Allow = Split(flags.List("allow")),
            Attestations = Attestations(flags),
            Outputs = [.. outputs.Select(static output => (output.Type, output.Attributes))],
        };
    }

    private static Dictionary<string, string?> Attestations(FlagValues flags)
    {
        var asked = new Dictionary<string, string?>();
        foreach (var flag in flags.List("attest"))
        {
            var fields = Csv.Parse(flag);
            var type = fields.Find(static f => f.StartsWith("type=", StringComparison.Ordinal))?["type=".Length..] ?? throw new FlagException($"attestation type not specified in \"{flag}\": write type=provenance or type=sbom");
            asked[type] = string.Join(',', fields.Where(static f => !f.StartsWith("type=", StringComparison.Ordinal)));
        }

        foreach (var type in (string[])["provenance", "sbom"])
        {
            if (flags.Text(type) is { Length: > 0 } value)
                asked[type] = value;
        }

        return asked;
    }

    private static Dictionary<string, string?> ToDictionaryOfLast(this IReadOnlyList<string> pairs, Func<string, string?> value)
    {
        var map = new Dictionary<string, string?>();
        foreach (var pair in pairs)
            map[pair.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? pair[..at] : pair] = value(pair);
        return map;
    }

    private static IReadOnlyList<string> Split(IReadOnlyList<string> values) => [.. values.SelectMany(static value => value.Split(',', StringSplitOptions.RemoveEmptyEntries))];
}
