using System.Globalization;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>Reads the options of the frontend <c>dockerfile.v0</c>.</summary>
/// <remarks>Source: buildkit frontend/dockerui/config.go and attr.go.</remarks>
internal static class FrontendAttributes
{
    private const string ArgumentPrefix = "build-arg:";
    private const string LabelPrefix = "label:";
    private const string ContextPrefix = "context:";
    private const string AttestationPrefix = "attest:";
    private const string UploadHost = "buildkit-session";
    private const string CapabilityPrefix = "moby.buildkit.frontend.";

    /// <summary>Names of BuildKit's own features of the frontend; the ones that clients ask for today.</summary>
    private static readonly string[] s_capabilities = ["inputs", "subrequests", "contexts"];

    /// <exception cref="GantryException">Invalid: a value that cannot be. NotSupported: what this engine does not do.</exception>
    public static FrontendOptions Read(IReadOnlyDictionary<string, string> attributes)
    {
        CheckCapabilities(attributes.GetValueOrDefault("frontend.caps", ""));
        var context = attributes.GetValueOrDefault("context", "");
        var key = attributes.GetValueOrDefault("contextkey", "context");
        var isUpload = Uri.TryCreate(context, UriKind.Absolute, out var address) && address.Scheme == "http" && address.Host == UploadHost;
        return new()
        {
            DockerfileDirectory = attributes.GetValueOrDefault("dockerfilekey", "dockerfile"),
            Upload = isUpload ? address : null,
            Question = attributes.GetValueOrDefault("requestid", "") is { Length: > 0 } question ? question : null,
            Spec = new BuildSpec
            {
                Context = context.Length == 0 || isUpload ? key : WithSubdirectory(context, attributes.GetValueOrDefault("contextsubdir", "")),
                DockerfileName = attributes.GetValueOrDefault("filename", "") is { Length: > 0 } name ? name : "Dockerfile",
                Target = attributes.GetValueOrDefault("target", "") is { Length: > 0 } target ? target : null,
                Arguments = WithPrefix(attributes, ArgumentPrefix).ToDictionary(static p => p.Key, static p => (string?)p.Value),
                Labels = WithPrefix(attributes, LabelPrefix),
                Platforms = List(attributes, "platform"),
                AlwaysIndex = (ExportOptions.Flag(attributes, "multi-platform") ?? ExportOptions.Flag(attributes, ArgumentPrefix + "BUILDKIT_MULTI_PLATFORM")) == true,
                Attestations = AttestationSpec.Read(WithPrefix(attributes, AttestationPrefix), attributes),
                NoCache = attributes.TryGetValue("no-cache", out var stages) && stages.Length == 0,
                NoCacheStages = List(attributes, "no-cache"),
                Pull = attributes.GetValueOrDefault("image-resolve-mode", "") == "pull",
                Network = NetworkOf(attributes.GetValueOrDefault("force-network-mode", "")),
                ExtraHosts = [.. List(attributes, "add-hosts").Select(HostOf)],
                Hostname = HostnameOf(attributes),
                ShmSizeBytes = Number(attributes, "shm-size"),
                Ulimits = List(attributes, "ulimit"),
                CgroupParent = attributes.GetValueOrDefault("cgroup-parent", "") is { Length: > 0 } parent ? parent : null,
                Limits = LimitsOf(attributes),
                NamedContexts = WithPrefix(attributes, ContextPrefix),
                CacheFrom = List(attributes, "cache-from"),
            },
        };
    }

    private static Dictionary<string, string> WithPrefix(IReadOnlyDictionary<string, string> attributes, string prefix) =>
        attributes.Where(a => a.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(a => a.Key[prefix.Length..], static a => a.Value, StringComparer.Ordinal);

    private static string[] List(IReadOnlyDictionary<string, string> attributes, string key) =>
        attributes.GetValueOrDefault(key, "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static long? Number(IReadOnlyDictionary<string, string> attributes, string key)
    {
        if (attributes.GetValueOrDefault(key, "") is not { Length: > 0 } text)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw GantryException.Of(ErrorKind.Invalid, $"could not parse {key} \"{text}\": it is a number");
    }

    private static BuildLimits LimitsOf(IReadOnlyDictionary<string, string> attributes) => new()
    {
        MemoryBytes = Number(attributes, "memory"),
        MemorySwapBytes = Number(attributes, "memswap"),
        CpuShares = Number(attributes, "cpushares"),
        CpuPeriod = Number(attributes, "cpuperiod"),
        CpuQuota = Number(attributes, "cpuquota"),
        CpusetCpus = attributes.GetValueOrDefault("cpusetcpus", ""),
        CpusetMems = attributes.GetValueOrDefault("cpusetmems", ""),
    };

    private static StepNetwork NetworkOf(string mode) => mode switch
    {
        "" or "sandbox" or "default" => StepNetwork.Default,
        "host" => StepNetwork.Host,
        "none" => StepNetwork.None,
        _ => throw GantryException.Of(ErrorKind.Invalid, $"invalid network mode {mode}: it is default, none or host"),
    };

    // name=address, as BuildKit has it, becomes name:address.
    private static string HostOf(string entry)
    {
        var split = entry.IndexOf('=', StringComparison.Ordinal);
        return split > 0 && split < entry.Length - 1
            ? $"{entry[..split]}:{entry[(split + 1)..]}"
            : throw GantryException.Of(ErrorKind.Invalid, $"invalid key-value pair {entry} in add-hosts: it is NAME=ADDRESS");
    }

    private static string? HostnameOf(IReadOnlyDictionary<string, string> attributes) =>
        attributes.GetValueOrDefault("hostname", attributes.GetValueOrDefault(ArgumentPrefix + "BUILDKIT_SANDBOX_HOSTNAME", "")) is { Length: > 0 } name ? name : null;

    private static string WithSubdirectory(string context, string subdirectory) =>
        subdirectory.Length == 0 ? context : context.Contains('#', StringComparison.Ordinal) ? $"{context}:{subdirectory}" : $"{context}#:{subdirectory}";

    // What a client cannot do without. A "+forward" means that a frontend further on may do it.
    private static void CheckCapabilities(string capabilities)
    {
        foreach (var capability in capabilities.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = capability.EndsWith("+forward", StringComparison.Ordinal) ? capability[..^"+forward".Length] : capability;
            if (!name.StartsWith(CapabilityPrefix, StringComparison.Ordinal) || !s_capabilities.Contains(name[CapabilityPrefix.Length..]))
                throw GantryException.Of(ErrorKind.NotSupported, $"unsupported frontend capability {capability}");
        }
    }
}
