using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gantry.Client;

/// <summary>The parameters of a build. What is empty, null or zero is left to the engine.</summary>
public sealed record BuildRequest
{
    /// <summary>A git or http(s) URL to build of; empty: the archive's directory <c>context</c>.</summary>
    public string Remote { get; init; } = "";

    public string Dockerfile { get; init; } = "";

    /// <summary>The same for all builds of one project: their steps are compared, to say why they run.</summary>
    public string Project { get; init; } = "";

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>A null value is one that is not set here either.</summary>
    public Dictionary<string, string?> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string?> Labels { get; init; } = new Dictionary<string, string?>();

    /// <summary>Named contexts, as in <c>docker-image://alpine</c>, or <c>local:NAME</c> for a directory of the archive.</summary>
    public IReadOnlyDictionary<string, string?> Contexts { get; init; } = new Dictionary<string, string?>();

    public string Target { get; init; } = "";

    /// <summary>What is asked instead of building, as in <c>lint</c>; empty: it is built.</summary>
    public string Call { get; init; } = "";

    /// <summary>Joined by commas.</summary>
    public string Platform { get; init; } = "";

    public bool NoCache { get; init; }

    public IReadOnlyList<string> NoCacheStages { get; init; } = [];

    public bool Pull { get; init; }

    public string Network { get; init; } = "";

    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    public long ShmSizeBytes { get; init; }

    /// <summary><c>name</c>, soft and hard limit.</summary>
    public IReadOnlyList<(string Name, long Soft, long Hard)> Ulimits { get; init; } = [];

    public string CgroupParent { get; init; } = "";

    public long MemoryBytes { get; init; }

    /// <summary>-1: no limit.</summary>
    public long MemorySwapBytes { get; init; }

    public long CpuShares { get; init; }

    public long CpuPeriod { get; init; }

    public long CpuQuota { get; init; }

    public string CpusetCpus { get; init; } = "";

    public string CpusetMems { get; init; } = "";

    /// <summary>Caches outside the engine that steps may be taken from: a type, as <c>registry</c> or <c>local</c>, with its attributes.</summary>
    public IReadOnlyList<(string Type, IReadOnlyDictionary<string, string> Attributes)> CacheImports { get; init; } = [];

    /// <summary>Caches outside the engine that are written.</summary>
    public IReadOnlyList<(string Type, IReadOnlyDictionary<string, string> Attributes)> CacheExports { get; init; } = [];

    /// <summary>Build twice, and compare.</summary>
    public bool Verify { get; init; }

    public IReadOnlyList<string> SecurityOptions { get; init; } = [];

    public string Isolation { get; init; } = "";

    public bool Squash { get; init; }

    /// <summary><c>network.host</c>, <c>security.insecure</c>.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>What is to be said of the result: <c>provenance</c> and <c>sbom</c>, each with its options as in <c>mode=max</c>.</summary>
    public IReadOnlyDictionary<string, string?> Attestations { get; init; } = new Dictionary<string, string?>();

    /// <summary>The names of SSH agents that are lent.</summary>
    public IReadOnlyList<string> Agents { get; init; } = [];

    /// <summary><c>shell</c>: the engine asks for a terminal where a step failed.</summary>
    public string OnFail { get; init; } = "";

    /// <summary>Where the result goes: a type, as <c>image</c> or <c>local</c>, with its attributes.</summary>
    public IReadOnlyList<(string Type, IReadOnlyDictionary<string, string> Attributes)> Outputs { get; init; } = [];

    internal string ToPath() => new Query("/build").With("version", "gantry")
        .WithEach("t", Tags).WithEach("extrahosts", ExtraHosts).WithEach("nocachefilter", NoCacheStages).WithEach("allow", Allow).WithEach("ssh", Agents)
        .With("remote", Given(Remote)).With("dockerfile", Given(Dockerfile)).With("project", Given(Project)).With("target", Given(Target))
        .With("call", Given(Call)).With("onfail", Given(OnFail)).With("platform", Given(Platform))
        .With("nocache", NoCache).With("pull", Pull).With("squash", Squash).With("networkmode", Given(Network)).With("isolation", Given(Isolation))
        .With("cgroupparent", Given(CgroupParent)).With("cpusetcpus", Given(CpusetCpus)).With("cpusetmems", Given(CpusetMems))
        .With("shmsize", Number(ShmSizeBytes)).With("memory", Number(MemoryBytes)).With("memswap", Number(MemorySwapBytes))
        .With("cpushares", Number(CpuShares)).With("cpuperiod", Number(CpuPeriod)).With("cpuquota", Number(CpuQuota))
        .With("buildargs", Map(Arguments)).With("labels", Map(Labels)).With("contexts", Map(Contexts)).With("attests", Map(Attestations))
        .With("cacheimports", Typed(CacheImports)).With("cacheexports", Typed(CacheExports)).With("verify", Verify).With("securityopt", List(SecurityOptions))
        .With("ulimits", Ulimits.Count == 0 ? null : Json(json =>
        {
            json.WriteStartArray();
            foreach (var (name, soft, hard) in Ulimits)
            {
                json.WriteStartObject();
                json.WriteString("Name", name);
                json.WriteNumber("Soft", soft);
                json.WriteNumber("Hard", hard);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }))
        .With("outputs", Typed(Outputs) ?? "[]")
        .ToString();

    private static string? Given(string text) => text.Length == 0 ? null : text;

    private static string? Number(long number) => number == 0 ? null : number.ToString(CultureInfo.InvariantCulture);

    private static string? List(IReadOnlyList<string> texts) => texts.Count == 0 ? null : Json(json =>
    {
        json.WriteStartArray();
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    });

    private static string? Typed(IReadOnlyList<(string Type, IReadOnlyDictionary<string, string> Attributes)> list) => list.Count == 0 ? null : Json(json =>
    {
        json.WriteStartArray();
        foreach (var (type, attributes) in list)
        {
            json.WriteStartObject();
            json.WriteString("Type", type);
            json.WriteStartObject("Attrs");
            foreach (var (name, value) in attributes)
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static string? Map(IReadOnlyDictionary<string, string?> map) => map.Count == 0 ? null : Json(json =>
    {
        json.WriteStartObject();
        foreach (var (name, value) in map)
            json.WriteString(name, value);
        json.WriteEndObject();
    });

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
