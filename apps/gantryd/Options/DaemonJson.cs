using System.Text.Json;
using Gantry.Model;

namespace Gantry.Apps.Options;

/// <summary>Reads <c>daemon.json</c>: an object whose keys are options.</summary>
/// <remarks>Source: moby daemon/config; unknown keys are errors, as there.</remarks>
internal static class DaemonJson
{
    /// <summary>What stands between a runtime's path and its arguments: no line of a file has it.</summary>
    public const char ArgumentSeparator = '\n';

    /// <summary>The values of each key that is set. <c>null</c> counts as not set.</summary>
    /// <param name="text">The file; comments and commas at the end are allowed, for people write it.</param>
    /// <param name="problems">What could not be understood is added, a sentence each.</param>
    public static Dictionary<Option, List<string>> Parse(string text, List<string> problems)
    {
        var given = new Dictionary<Option, List<string>>();
        if (string.IsNullOrWhiteSpace(text))
            return given; // Source: moby daemon/config, getConflictFreeConfiguration: --config-file /dev/null means none
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                problems.Add("expected an object");
                return given;
            }
            foreach (var member in document.RootElement.EnumerateObject())
                Read(member, given, problems);
        }
        catch (JsonException exception)
        {
            problems.Add($"it is not JSON: {exception.Message}");
        }
        return given;
    }

    private static void Read(JsonProperty member, Dictionary<Option, List<string>> given, List<string> problems)
    {
        if (OptionTable.All.FirstOrDefault(o => o.FileKey == member.Name) is not { } option)
        {
            problems.Add($"the following directives don't match any configuration option: {member.Name}{Nearest.Suggest(member.Name, OptionTable.All.Select(static o => o.FileKey))}");
            return;
        }
        if (member.Value.ValueKind == JsonValueKind.Null)
            return;
        if (option.OnlyValues is null && Values(option.Kind, member.Value) is { } values)
            given[option] = values;
        else if (option.OnlyValues is not null)
            given[option] = [member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText()];
        else
            problems.Add($"{member.Name}: expected {Expected(option.Kind)}, found {member.Value.GetRawText()}");
    }

    private static List<string>? Values(OptionKind kind, JsonElement value) => (kind, value.ValueKind) switch
    {
        (OptionKind.Text, JsonValueKind.String) => [value.GetString()!],
        (OptionKind.Flag, JsonValueKind.True) => ["true"],
        (OptionKind.Flag, JsonValueKind.False) => ["false"],
        (OptionKind.Number, JsonValueKind.Number) => [value.GetRawText()],
        (OptionKind.List, JsonValueKind.Array) when value.EnumerateArray().All(static e => e.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(static e => e.GetString()!)],
        (OptionKind.Map, JsonValueKind.Object) when value.EnumerateObject().All(static e => e.Value.ValueKind == JsonValueKind.String) => [.. value.EnumerateObject().Select(static e => $"{e.Name}={e.Value.GetString()}")],
        (OptionKind.Map, JsonValueKind.Object) when value.EnumerateObject().All(static e => IsCommand(e.Value)) => [.. value.EnumerateObject().Select(static e => $"{e.Name}={Command(e.Value)}")],
        (OptionKind.Limits, JsonValueKind.Object) when value.EnumerateObject().All(static e => Limit(e) is not null) => [.. value.EnumerateObject().Select(static e => Limit(e)!)],
        (OptionKind.Features, JsonValueKind.Object) when value.EnumerateObject().All(static e => e.Value.ValueKind is JsonValueKind.True or JsonValueKind.False) => [.. value.EnumerateObject().Select(static e => $"{e.Name}={e.Value.GetRawText()}")],
        (OptionKind.Json, JsonValueKind.Object) => [value.GetRawText()],
        (OptionKind.Pools, JsonValueKind.Array) when value.EnumerateArray().All(static e => Pool(e) is not null) => [.. value.EnumerateArray().Select(static e => Pool(e)!)],
        _ => null,
    };

    // "nofile": {"Name": "nofile", "Hard": 64000, "Soft": 64000}, as a flag would say it.
    private static string? Limit(JsonProperty member)
    {
        if (member.Value.ValueKind != JsonValueKind.Object)
            return null;
        var numbers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in member.Value.EnumerateObject())
        {
            if (field.Name.Equals("Name", StringComparison.OrdinalIgnoreCase) && field.Value.ValueKind == JsonValueKind.String)
                continue;
            if (field.Value.ValueKind != JsonValueKind.Number || (!field.Name.Equals("Hard", StringComparison.OrdinalIgnoreCase) && !field.Name.Equals("Soft", StringComparison.OrdinalIgnoreCase)))
                return null;
            numbers[field.Name] = field.Value.GetRawText();
        }
        return $"{member.Name}={numbers.GetValueOrDefault("Soft", "0")}:{numbers.GetValueOrDefault("Hard", "0")}";
    }

    private static string? Pool(JsonElement pool) =>
        pool.ValueKind == JsonValueKind.Object && pool.TryGetProperty("base", out var range) && range.ValueKind == JsonValueKind.String && pool.TryGetProperty("size", out var size) && size.ValueKind == JsonValueKind.Number
            ? $"base={range.GetString()},size={size.GetRawText()}"
            : null;

    /// <summary>As dockerd writes runtimes: <c>{"path": "/usr/bin/crun", "runtimeArgs": ["--debug"]}</c>.</summary>
    private static bool IsCommand(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("path", out var path) && path.ValueKind == JsonValueKind.String
        && value.EnumerateObject().All(static e => e.Name == "path" || (e.Name == "runtimeArgs" && e.Value.ValueKind == JsonValueKind.Array && e.Value.EnumerateArray().All(static a => a.ValueKind == JsonValueKind.String)));

    private static string Command(JsonElement value) => string.Join(
        ArgumentSeparator,
        [value.GetProperty("path").GetString()!, .. value.TryGetProperty("runtimeArgs", out var arguments) ? arguments.EnumerateArray().Select(static a => a.GetString()!) : []]);

    private static string Expected(OptionKind kind) => kind switch
    {
        OptionKind.Flag => "true or false",
        OptionKind.Number => "a number",
        OptionKind.List => "a list of strings",
        OptionKind.Map => "an object of strings, or of {\"path\": …} for runtimes",
        OptionKind.Features => "an object of booleans, as in {\"cdi\": true}",
        OptionKind.Json => "an object",
        OptionKind.Limits => "an object of objects, as in {\"nofile\": {\"Name\": \"nofile\", \"Soft\": 1024, \"Hard\": 4096}}",
        OptionKind.Pools => "a list of objects, as in [{\"base\": \"10.10.0.0/16\", \"size\": 24}]",
        _ => "a string",
    };
}
