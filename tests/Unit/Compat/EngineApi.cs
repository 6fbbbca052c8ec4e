using System.Text.Json;
using Gantry.Tests.Support;

namespace Gantry.Tests.Unit.Compat;

/// <summary>Docker's Engine API as its OpenAPI file has it, distilled by eng/distil-api.py: the measure of docs/compat.md.</summary>
/// <param name="Version">The API version of the file.</param>
/// <param name="Operations">By method and path, as in <c>GET /containers/{id}/json</c>, in the file's order.</param>
/// <param name="Shapes">The fields of every shape, by its name.</param>
internal sealed record EngineApi(string Version, IReadOnlyDictionary<string, EngineApi.Operation> Operations, IReadOnlyDictionary<string, Dictionary<string, string>> Shapes)
{
    private static readonly JsonSerializerOptions _web = new(JsonSerializerDefaults.Web);

    public static EngineApi Load() =>
        JsonSerializer.Deserialize<EngineApi>(File.ReadAllText(Path.Combine(Repository.Root, "tests/Unit/Compat/engine-api.json")), _web)!;

    /// <summary>Takes the lists and maps off a type: <c>{}[]PortBinding</c> is about <c>PortBinding</c>.</summary>
    public static string ElementOf(string type) => type.TrimStart('[', ']', '{', '}');

    /// <summary>A shape and all shapes below it.</summary>
    /// <param name="type">A type; words give nothing.</param>
    public IEnumerable<string> Reachable(string? type)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>([type ?? ""]);
        while (waiting.TryPop(out var next))
        {
            var name = ElementOf(next);
            if (!Shapes.TryGetValue(name, out var fields) || !found.Add(name))
                continue;
            foreach (var field in fields.Values)
                waiting.Push(field);
        }
        return found;
    }

    /// <param name="Query">Query parameters and their types.</param>
    /// <param name="Headers">Header parameters and their types.</param>
    /// <param name="Body">The type of the body; null without one.</param>
    /// <param name="Answers">By status, the type of the answer's body; null without one.</param>
    internal sealed record Operation(IReadOnlyDictionary<string, string> Query, IReadOnlyDictionary<string, string> Headers, string? Body, IReadOnlyDictionary<string, string?> Answers)
    {
        /// <summary>The type of the body when all is well; null without one.</summary>
        public string? Answer => Answers.Where(static a => a.Key[0] == '2').Select(static a => a.Value).FirstOrDefault(static a => a is not null);
    }
}
