using System.Globalization;
using System.Text.Json;
using Gantry.Build;

namespace Gantry.Engine.Builds;

/// <summary>How a result came to be, as SLSA tells it.</summary>
/// <remarks>Source: slsa.dev provenance v0.2 and v1; buildkit solver/llbsolver/provenance for what its fields hold and which are left out of <c>mode=min</c>.</remarks>
internal sealed record Provenance
{
    private const string BuildType = "https://mobyproject.org/buildkit@v1";
    private const string Extension = BuildType + "#";

    /// <summary>Options of a request that say nothing of the result.</summary>
    private static readonly string[] s_ofTheHost = ["cgroup-parent", "image-resolve-mode", "platform", "cache-imports", "frontend.caps"];

    public required ProvenanceSpec Spec { get; init; }

    public required BuildSpec Build { get; init; }

    public required IReadOnlyDictionary<string, string> Request { get; init; }

    public required CompiledBuild Compiled { get; init; }

    public required IReadOnlyList<Material> Materials { get; init; }

    /// <summary>Whether nothing else went into it.</summary>
    public required bool AreMaterialsComplete { get; init; }

    /// <summary>Of this run, unlike any other.</summary>
    public required string Invocation { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required DateTimeOffset Finished { get; init; }

    /// <summary>What the steps ran on, as in <c>linux/amd64</c>.</summary>
    public required string HostPlatform { get; init; }

    /// <summary>Writes it.</summary>
    public Predicate ToPredicate() => Spec.Version == "v1"
        ? new("https://slsa.dev/provenance/v1", JsonText.Object(WriteV1), "provenance.json", Spec.InlineOnly)
        : new("https://slsa.dev/provenance/v0.2", JsonText.Object(WriteV02), "provenance.json", Spec.InlineOnly);

    private static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private void WriteV02(Utf8JsonWriter json)
    {
        json.Object("builder", () => json.WriteString("id", ""));
        json.WriteString("buildType", BuildType);
        WriteMaterials(json, "materials");
        json.Object("invocation", () =>
        {
            WriteSource(json, "entryPoint");
            WriteParameters(json);
            json.Object("environment", () => json.WriteString("platform", HostPlatform));
        });
        var steps = new StepListing(Compiled.Target);
        if (Spec.IsMax)
            steps.WriteSteps(json);
        json.Object("metadata", () =>
        {
            json.WriteString("buildInvocationID", Invocation);
            json.WriteString("buildStartedOn", Text(Started));
            json.WriteString("buildFinishedOn", Text(Finished));
            WriteCompleteness(json, "completeness");
            json.WriteBoolean("reproducible", false);
            WriteExtensions(json, steps);
        });
    }

    private void WriteV1(Utf8JsonWriter json)
    {
        var steps = new StepListing(Compiled.Target);
        json.Object("buildDefinition", () =>
        {
            json.WriteString("buildType", BuildType);
            json.Object("externalParameters", () =>
            {
                WriteSource(json, "path");
                WriteParameters(json);
                if (Spec.IsMax)
                    steps.WriteSteps(json);
            });
            json.Object("internalParameters", () => json.Object("environment", () => json.WriteString("platform", HostPlatform)));
            WriteMaterials(json, "resolvedDependencies");
        });
        json.Object("runDetails", () =>
        {
            json.Object("builder", () => json.WriteString("id", ""));
            json.Object("metadata", () =>
            {
                json.WriteString("invocationID", Invocation);
                json.WriteString("startedOn", Text(Started));
                json.WriteString("finishedOn", Text(Finished));
                WriteExtensions(json, steps);
                WriteCompleteness(json, Extension + "completeness");
                json.WriteBoolean(Extension + "reproducible", false);
            });
        });
    }

    private void WriteMaterials(Utf8JsonWriter json, string name) => json.Objects(name, Materials, material =>
    {
        json.WriteString("uri", material.Uri);
        json.Object("digest", () => json.WriteString(material.Algorithm, material.Hex));
    });

    // Where the Dockerfile is from: the context's address, or nowhere that others could look.
    private void WriteSource(Utf8JsonWriter json, string path) => json.Object("configSource", () =>
    {
        if (RemoteContext.Is(Build.Context))
        {
            json.WriteString("uri", Build.Context);
            if (Materials.FirstOrDefault(m => m.Uri == Build.Context) is { } known)
                json.Object("digest", () => json.WriteString(known.Algorithm, known.Hex));
        }

        json.WriteString(path, Build.DockerfileName);
    });

    private void WriteParameters(Utf8JsonWriter json) => json.Object("parameters", () =>
    {
        json.WriteString("frontend", "dockerfile.v0");
        var arguments = Request.Where(a => IsTold(a.Key)).OrderBy(static a => a.Key, StringComparer.Ordinal).ToList();
        if (arguments.Count > 0)
        {
            json.Object("args", () =>
            {
                foreach (var (name, value) in arguments)
                    json.WriteString(name, value);
            });
        }

        var vertexes = Graph.All(Compiled.Target);
        if (Spec.IsMax)
        {
            WriteIds(json, "secrets", vertexes, StepMountKind.Secret);
            WriteIds(json, "ssh", vertexes, StepMountKind.Ssh);
        }

        List<string> locals = [.. vertexes.OfType<LocalContext>().Select(static c => c.Context).Append(RemoteContext.Is(Build.Context) ? "" : "dockerfile").Where(static n => n.Length > 0).Distinct().Order(StringComparer.Ordinal)];
        if (locals.Count > 0)
            json.Objects("locals", locals, name => json.WriteString("name", name));
    });

    private static void WriteIds(Utf8JsonWriter json, string name, IReadOnlyList<Vertex> vertexes, StepMountKind kind)
    {
        List<(string Id, bool Optional)> found = [.. vertexes.OfType<ExecStep>().SelectMany(static e => e.Mounts).Where(m => m.Kind == kind).Select(static m => (m.Id ?? "", !m.Required)).Distinct().OrderBy(static m => m.Item1, StringComparer.Ordinal)];
        if (found.Count == 0)
            return;
        json.Objects(name, found, mount =>
        {
            json.WriteString("id", mount.Id);
            if (mount.Optional)
                json.WriteBoolean("optional", true);
        });
    }

    // Arguments may hold what is not for everybody.
    private bool IsTold(string name) =>
        !s_ofTheHost.Contains(name) && name is not ("filename" or "context")
        && !name.StartsWith("attest:", StringComparison.Ordinal) && !name.StartsWith("vcs:", StringComparison.Ordinal) && !name.StartsWith("local-sessionid:", StringComparison.Ordinal)
        && (Spec.IsMax || !(name.StartsWith("build-arg:", StringComparison.Ordinal) || name.StartsWith("label:", StringComparison.Ordinal)));

    private void WriteCompleteness(Utf8JsonWriter json, string name) => json.Object(name, () =>
    {
        json.WriteBoolean("parameters", true);
        json.WriteBoolean("environment", true);
        json.WriteBoolean("materials", AreMaterialsComplete);
    });

    private void WriteExtensions(Utf8JsonWriter json, StepListing steps)
    {
        var sources = Request.Where(static a => a.Key.StartsWith("vcs:", StringComparison.Ordinal) && a.Value.Length > 0).OrderBy(static a => a.Key, StringComparer.Ordinal).ToList();
        json.Object(Extension + "metadata", () =>
        {
            if (sources.Count > 0)
            {
                json.Object("vcs", () =>
                {
                    foreach (var (name, value) in sources)
                        json.WriteString(name["vcs:".Length..], value);
                });
            }

            if (Spec.IsMax)
                steps.WriteSource(json, Build.DockerfileName, Compiled.Dockerfile);
        });
        var isOffline = Graph.All(Compiled.Target).OfType<ExecStep>().All(static e => e.Network == StepNetwork.None);
        json.WriteBoolean(Extension + "hermetic", AreMaterialsComplete && isOffline);
    }
}
