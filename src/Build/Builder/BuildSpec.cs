namespace Gantry.Build;

/// <summary>What is to be built, and how.</summary>
public sealed record BuildSpec
{
    /// <summary>What the client calls this build, by which it asks for it later; empty: nothing.</summary>
    public string Reference { get; init; } = "";

    /// <summary>A client's own errand, as reading a file that lies elsewhere: no build that anybody looks for later.</summary>
    public bool IsInternal { get; init; }

    /// <summary>
    /// Where the files come from: the name of a directory that the session has (<c>context</c>), or a git or http(s) URL;
    /// empty: nowhere, the Dockerfile asks for none of them.
    /// </summary>
    public string Context { get; init; } = "context";

    /// <summary>The Dockerfile's path in the session's directory <c>dockerfile</c>, or in the context where that is a URL.</summary>
    public string DockerfileName { get; init; } = "Dockerfile";

    /// <summary>The Dockerfile itself, where the client sent it apart from any directory; null: it did not.</summary>
    public ReadOnlyMemory<byte>? DockerfileText { get; init; }

    /// <summary>A stage's name or number; null: the last.</summary>
    public string? Target { get; init; }

    /// <summary><c>--build-arg</c>; a null value is one that the client does not set either.</summary>
    public IReadOnlyDictionary<string, string?> Arguments { get; init; } = new Dictionary<string, string?>();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>As in <c>linux/amd64</c>; empty: the host's.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Make an index of the image even where it is for one platform.</summary>
    public bool AlwaysIndex { get; init; }

    /// <summary>What is to be said of the result beside it.</summary>
    public AttestationSpec Attestations { get; init; } = new();

    /// <summary>What makes this build one of the same project as others, so that it can be said what changed; null: what the session or the names tell.</summary>
    public string? Project { get; init; }

    /// <summary>Run every step anew.</summary>
    public bool NoCache { get; init; }

    /// <summary>Stages whose steps run anew.</summary>
    public IReadOnlyList<string> NoCacheStages { get; init; } = [];

    /// <summary>Ask the registry for newer base images.</summary>
    public bool Pull { get; init; }

    /// <summary>The network of steps that do not name one.</summary>
    public StepNetwork Network { get; init; }

    /// <summary>What steps have in place of the default network, as <c>container:NAME</c> or a network's name; null: the bridge.</summary>
    public string? NetworkMode { get; init; }

    /// <summary><c>host:address</c> for the steps' /etc/hosts; <c>host-gateway</c> stands for the bridge's own address.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    /// <summary>The steps' host name; null: <c>buildkitsandbox</c>.</summary>
    public string? Hostname { get; init; }

    /// <summary>Of the steps' /dev/shm; null: 64 MiB.</summary>
    public long? ShmSizeBytes { get; init; }

    /// <summary><c>name=soft[:hard]</c></summary>
    public IReadOnlyList<string> Ulimits { get; init; } = [];

    public string? CgroupParent { get; init; }

    /// <summary>Memory and processor limits of each step.</summary>
    public BuildLimits Limits { get; init; } = new();

    /// <summary><c>network.host</c>, <c>security.insecure</c>, <c>device</c>.</summary>
    public IReadOnlyList<string> Entitlements { get; init; } = [];

    /// <summary>
    /// Named contexts: <c>docker-image://reference</c>, <c>local:NAME</c> (a directory that the session has), a git or http(s) URL,
    /// <c>input:NAME</c> (one of <see cref="Inputs"/>). A name may end in <c>::platform</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> NamedContexts { get; init; } = new Dictionary<string, string>();

    /// <summary>Results of other builds that named contexts are. They stay the caller's, who keeps them until the build is over.</summary>
    public IReadOnlyDictionary<string, IBuildResult> Inputs { get; init; } = new Dictionary<string, IBuildResult>();

    /// <summary>Images whose steps may be taken over (<c>cacheFrom</c>).</summary>
    public IReadOnlyList<string> CacheFrom { get; init; } = [];

    /// <summary>Further caches that steps may be taken from (<c>--cache-from type=…</c>).</summary>
    public IReadOnlyList<CacheSpec> CacheImports { get; init; } = [];

    /// <summary>Where the results of the steps go for other engines (<c>--cache-to</c>).</summary>
    public IReadOnlyList<CacheSpec> CacheExports { get; init; } = [];

    /// <summary>Build once more without the cache, and fail where that makes other files (<c>--verify</c>).</summary>
    public bool Verify { get; init; }

    /// <summary>What becomes of the result; empty: nothing, but the steps are cached.</summary>
    public IReadOnlyList<BuildOutput> Outputs { get; init; } = [];

    /// <summary>
    /// Is given the results, one for each platform, when the steps have run, takes as long as it likes, and says where they go; null:
    /// <see cref="Outputs"/> does. The results are the builder's.
    /// </summary>
    public Func<IReadOnlyList<IBuildResult>, CancellationToken, Task<IReadOnlyList<BuildOutput>>>? Solved { get; init; }
}
