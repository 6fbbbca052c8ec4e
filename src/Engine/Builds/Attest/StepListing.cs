using System.Globalization;
using System.Text;
using System.Text.Json;
using Gantry.Build;

namespace Gantry.Engine.Builds;

/// <summary>A build's steps for its provenance: what was run on what, and which lines of the Dockerfile say so.</summary>
/// <remarks>Source: buildkit solver/llbsolver/provenance/types, BuildConfig and Source: the words of its graphs, without what this engine's steps do not have.</remarks>
internal sealed class StepListing
{
    private readonly IReadOnlyList<Vertex> _steps;
    private readonly Dictionary<Model.Digest, string> _names;

    public StepListing(Vertex? target)
    {
        _steps = Graph.All(target);
        _names = _steps.Select(static (step, i) => (step.Digest, Name: string.Create(CultureInfo.InvariantCulture, $"step{i}"))).ToDictionary(static s => s.Digest, static s => s.Name);
    }

    /// <summary>Writes the member <c>buildConfig</c>.</summary>
    public void WriteSteps(Utf8JsonWriter json) => json.Object("buildConfig", () =>
    {
        json.Objects("llbDefinition", _steps, step =>
        {
            json.WriteString("id", _names[step.Digest]);
            json.Object("op", () => json.Object("Op", () => WriteOperation(json, step)));
            if (step.Inputs.Count == 0)
                return;
            json.WriteStartArray("inputs");
            foreach (var input in step.Inputs)
                json.WriteStringValue(_names[input.Digest] + ":0");
            json.WriteEndArray();
        });
        json.Object("digestMapping", () =>
        {
            foreach (var (digest, name) in _names)
                json.WriteString(digest.ToString(), name);
        });
    });

    /// <summary>Writes the member <c>source</c>.</summary>
    public void WriteSource(Utf8JsonWriter json, string fileName, Dockerfile dockerfile) => json.Object("source", () =>
    {
        json.Object("locations", () =>
        {
            foreach (var step in _steps)
            {
                if (step.Lines is not { } lines)
                    continue;
                json.Object(_names[step.Digest], () => json.Objects("locations", [lines], at => json.Objects("ranges", [at], range =>
                {
                    json.Object("start", () => json.WriteNumber("line", range.First));
                    json.Object("end", () => json.WriteNumber("line", range.Last));
                })));
            }
        });
        json.Objects("infos", [dockerfile], file =>
        {
            json.WriteString("filename", fileName);
            json.WriteString("language", "Dockerfile");
            json.WriteBase64String("data", Encoding.UTF8.GetBytes(string.Join('\n', file.SourceText) + "\n"));
        });
    });

    private static void WriteOperation(Utf8JsonWriter json, Vertex step)
    {
        switch (step)
        {
            case ImageSource image:
                json.Object("source", () => json.WriteString("identifier", "docker-image://" + image.Reference));
                break;
            case LocalContext context:
                json.Object("source", () => json.WriteString("identifier", "local://" + context.Context));
                break;
            case GitSource git:
                json.Object("source", () => json.WriteString("identifier", git.Ref is { Length: > 0 } reference ? $"{git.Url}#{reference}" : git.Url));
                break;
            case HttpSource http:
                json.Object("source", () => json.WriteString("identifier", http.Url));
                break;
            case ExecStep exec:
                json.Object("exec", () => WriteProgram(json, exec));
                break;
            default:
                json.Object(step is MergeStep ? "merge" : "file", () => json.WriteString("description", step.Name));
                break;
        }
    }

    private static void WriteProgram(Utf8JsonWriter json, ExecStep exec)
    {
        json.Object("meta", () =>
        {
            WriteTexts(json, "args", exec.Arguments);
            WriteTexts(json, "env", exec.Environment);
            json.WriteString("cwd", exec.WorkingDirectory);
            if (exec.User is not null)
                json.WriteString("user", exec.User);
        });
        json.Objects("mounts", exec.Mounts, mount =>
        {
            json.WriteString("dest", mount.Target);
            json.WriteString("mountType", mount.Kind.ToString().ToUpperInvariant());
        });
        if (exec.Network != StepNetwork.Default)
            json.WriteString("network", exec.Network.ToString().ToUpperInvariant());
        if (exec.Insecure)
            json.WriteString("security", "INSECURE");
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
