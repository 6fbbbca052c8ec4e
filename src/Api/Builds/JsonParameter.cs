using System.Globalization;
using System.Text;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Api.Builds;

/// <summary>Reads the JSON that clients put into query parameters and headers. Pure.</summary>
internal static class JsonParameter
{
    /// <summary>A map of texts; a null stays null.</summary>
    /// <param name="json">The text; empty: an empty map.</param>
    /// <param name="what">How errors name it.</param>
    /// <exception cref="GantryException">Invalid: not a JSON object of texts.</exception>
    public static Dictionary<string, string?> Map(string json, string what)
    {
        var map = new Dictionary<string, string?>();
        foreach (var member in Members(json, what))
            map[member.Name] = member.Value.ValueKind == JsonValueKind.Null ? null : Text(member.Value, what, member.Name);
        return map;
    }

    /// <summary>A list of texts.</summary>
    /// <exception cref="GantryException">Invalid: not a JSON list of texts.</exception>
    public static List<string> List(string json, string what) => [.. Elements(json, what).Select(element => Text(element, what, null))];

    /// <summary>Limits as <c>[{"Name":"nofile","Soft":1,"Hard":2}]</c>, written as <c>nofile=1:2</c>.</summary>
    /// <exception cref="GantryException">Invalid: of another shape.</exception>
    public static List<string> Ulimits(string json)
    {
        const string What = "ulimit settings";
        var limits = new List<string>();
        foreach (var element in Elements(json, What))
        {
            if (element.ValueKind != JsonValueKind.Object)
                throw Bad(What, "expected a list of objects");
            var (name, soft, hard) = ("", 0L, 0L);
            foreach (var member in element.EnumerateObject())
            {
                if (Is(member, "Name"))
                    name = Text(member.Value, What, member.Name);
                else if (Is(member, "Soft"))
                    soft = Number(member.Value, What, member.Name);
                else if (Is(member, "Hard"))
                    hard = Number(member.Value, What, member.Name);
            }

            limits.Add(string.Create(CultureInfo.InvariantCulture, $"{name}={soft}:{hard}"));
        }

        return limits;
    }

    /// <summary>Outputs as <c>[{"Type":"local","Attrs":{…}}]</c>.</summary>
    /// <exception cref="GantryException">Invalid: of another shape.</exception>
    public static List<(string Type, Dictionary<string, string> Attributes)> Outputs(string json)
    {
        const string What = "outputs";
        var outputs = new List<(string, Dictionary<string, string>)>();
        foreach (var element in Elements(json, What))
        {
            if (element.ValueKind != JsonValueKind.Object)
                throw Bad(What, "expected a list of objects");
            var (type, attributes) = ("", new Dictionary<string, string>());
            foreach (var member in element.EnumerateObject())
            {
                if (Is(member, "Type"))
                    type = Text(member.Value, What, member.Name);
                else if (Is(member, "Attrs") && member.Value.ValueKind == JsonValueKind.Object)
                    attributes = member.Value.EnumerateObject().ToDictionary(static pair => pair.Name, pair => Text(pair.Value, What, pair.Name));
            }

            outputs.Add((type, attributes));
        }

        return outputs;
    }

    private static JsonElement.ObjectEnumerator Members(string json, string what) => Parse(json, "{}", what) is { ValueKind: JsonValueKind.Object or JsonValueKind.Null } root
        ? root.ValueKind == JsonValueKind.Null ? default : root.EnumerateObject()
        : throw Bad(what, "expected an object");

    private static JsonElement.ArrayEnumerator Elements(string json, string what) => Parse(json, "[]", what) is { ValueKind: JsonValueKind.Array or JsonValueKind.Null } root
        ? root.ValueKind == JsonValueKind.Null ? default : root.EnumerateArray()
        : throw Bad(what, "expected a list");

    private static JsonElement Parse(string json, string whenEmpty, string what)
    {
        try
        {
            using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(json.Length == 0 ? whenEmpty : json));
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"error reading {what}: {JsonFault.Explain(e).Message}");
        }
    }

    private static bool Is(JsonProperty member, string name) => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string Text(JsonElement value, string what, string? member) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw Bad(what, $"{(member is null ? "" : member + ": ")}expected a string");

    private static long Number(JsonElement value, string what, string member) => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
        ? number
        : throw Bad(what, $"{member}: expected a whole number");

    // Source: moby daemon/server/router/build, "error reading …".
    private static GantryException Bad(string what, string why) => GantryException.Of(ErrorKind.Invalid, $"error reading {what}: {why}");
}
