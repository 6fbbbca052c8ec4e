using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gantry.Tests.E2E.Oracle;

/// <summary>What differs between two engines' answers to one request.</summary>
/// <param name="Request">Method and path.</param>
/// <param name="Place">Where: <c>status</c>, <c>type</c>, or the way through the body, as in <c>HostConfig.Mounts[0].Type</c>.</param>
/// <param name="Docker">What dockerd has there; <c>absent</c> for nothing.</param>
/// <param name="Gantry">What gantryd has there.</param>
internal sealed partial record Difference(string Request, string Place, string Docker, string Gantry)
{
    private const string Absent = "absent";

    public override string ToString() => $"{Request}: {Place}: docker {Docker}, gantry {Gantry}";

    /// <summary>Compares two answers, apart from ids, times and roots.</summary>
    public static IEnumerable<Difference> Between(string request, RawApi.Answer docker, RawApi.Answer gantry)
    {
        if (docker.Status != gantry.Status)
            return [new(request, "status", $"{docker.Status} {docker.Body.Trim()}", $"{gantry.Status} {gantry.Body.Trim()}")];
        var type = docker.MediaType == gantry.MediaType ? [] : new[] { new Difference(request, "type", docker.MediaType, gantry.MediaType) };
        return type.Concat(Between(request, "", Parse(docker.Body), Parse(gantry.Body)));
    }

    private static IEnumerable<Difference> Between(string request, string place, JsonNode? docker, JsonNode? gantry)
    {
        switch (docker, gantry)
        {
            case (JsonObject left, JsonObject right):
                return left.Select(static m => m.Key).Union(right.Select(static m => m.Key)).SelectMany(name =>
                    left.ContainsKey(name) && right.ContainsKey(name)
                        ? Between(request, $"{place}.{name}", left[name], right[name])
                        : [new Difference(request, $"{place}.{name}".TrimStart('.'), left.ContainsKey(name) ? Text(left[name]) : Absent, right.ContainsKey(name) ? Text(right[name]) : Absent)]);
            case (JsonArray left, JsonArray right) when left.Count == right.Count:
                return Enumerable.Range(0, left.Count).SelectMany(i => Between(request, $"{place}[{i}]", left[i], right[i]));
            default:
                return Text(docker) == Text(gantry) || place == ".message" && Advises(docker, gantry) ? [] : [new Difference(request, place.Length == 0 ? "body" : place.TrimStart('.'), Text(docker), Text(gantry))];
        }
    }

    // The same sentence, and then what to do.
    private static bool Advises(JsonNode? docker, JsonNode? gantry) =>
        docker is JsonValue && gantry is JsonValue && gantry.ToString().StartsWith($"{docker}: ", StringComparison.Ordinal);

    private static string Text(JsonNode? node) => Changing().Replace(node?.ToJsonString(_plain) ?? "null", "*");

    private static readonly JsonSerializerOptions _plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonNode? Parse(string body)
    {
        try
        {
            return body.Length == 0 ? null : JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return JsonValue.Create(body); // text, a stream, or several objects
        }
    }

    // Times, ids of 64 or 12 characters, the folders of either engine, addresses of interfaces, and process ids have another value each time.
    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)|\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b|/[^""]*/(gantry|dockerd)-[A-Za-z0-9]+/[^""]*|(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")]
    private static partial Regex Changing();
}
