using System.Text.Json;
using Gantry.Engine.Builds;
using Gantry.Engine.Operations;
using Gantry.Model;

namespace Gantry.Apps.Options;

/// <summary>Reads <c>builder</c> of daemon.json: <c>{"gc": {"enabled": true, "defaultKeepStorage": "20GB", "policy": […]}}</c>.</summary>
/// <remarks>Source: moby daemon/config/builder.go.</remarks>
internal static class BuilderJson
{
    /// <summary>The limits of the build cache.</summary>
    /// <exception cref="FormatException">It says what cannot be, or what this engine does not have.</exception>
    public static CacheLimits Parse(string json)
    {
        var limits = new CacheLimits();
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            foreach (var member in document.RootElement.EnumerateObject())
            {
                limits = member.Name == "gc"
                    ? member.Value.EnumerateObject().Aggregate(limits, Limit)
                    : throw new FormatException($"{member.Name}: this version of Gantry has only \"gc\" here; remove it");
            }

            return limits;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            throw new FormatException("expected an object, as in {\"gc\": {\"enabled\": true, \"defaultKeepStorage\": \"20GB\"}}", malformed);
        }
    }

    private static CacheLimits Limit(CacheLimits limits, JsonProperty member) => member.Name switch
    {
        "enabled" => limits with { IsEnabled = member.Value.GetBoolean() },
        "defaultKeepStorage" or "defaultReservedSpace" => limits with { ReservedBytes = Size(member) },
        "defaultMaxUsedSpace" => limits with { MaxUsedBytes = Size(member) },
        "defaultMinFreeSpace" => limits with { MinFreeBytes = Size(member) },
        "policy" => limits with { Rules = [.. member.Value.EnumerateArray().Select(static rule => rule.EnumerateObject().Aggregate(new BuildCachePrune(), Rule)).Select(Checked)] },
        _ => throw Unknown(member, "enabled, defaultReservedSpace, defaultMaxUsedSpace, defaultMinFreeSpace and policy"),
    };

    private static BuildCachePrune Rule(BuildCachePrune rule, JsonProperty member) => member.Name switch
    {
        "all" => rule with { All = member.Value.GetBoolean() },
        "keepDuration" => rule with { UnusedFor = Duration(member) },
        "keepStorage" or "reservedSpace" => rule with { ReservedBytes = Size(member) },
        "maxUsedSpace" => rule with { MaxUsedBytes = Size(member) },
        "minFreeSpace" => rule with { MinFreeBytes = Size(member) },
        "filter" => rule with { Filters = FiltersOf(member.Value) },
        _ => throw Unknown(member, "all, filter, keepDuration, reservedSpace, maxUsedSpace and minFreeSpace"),
    };

    // Now, and not when the cache is collected in the background.
    private static BuildCachePrune Checked(BuildCachePrune rule)
    {
        try
        {
            rule.Choose([], DateTimeOffset.UnixEpoch, 0);
            return rule;
        }
        catch (GantryException invalid)
        {
            throw new FormatException($"policy: {invalid.Message}", invalid);
        }
    }

    // ["unused-for=48h"], or {"unused-for": {"48h": true}}, as the API has filters.
    private static Filters FiltersOf(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
            return Filters.Parse(value.GetRawText());
        return Filters.Of([.. value.EnumerateArray().Select(static text => text.GetString()!.Split('=', 2)).Select(static pair => pair.Length == 2
            ? (pair[0], pair[1].TrimStart('='))
            : throw new FormatException($"policy: filter \"{pair[0]}\": expected NAME=VALUE"))]);
    }

    private static long Size(JsonProperty member) => member.Value.ValueKind == JsonValueKind.Number ? member.Value.GetInt64() : Sizes.Parse(member.Value.GetString()!);

    private static TimeSpan Duration(JsonProperty member) =>
        BuildCachePrune.FindAge(member.Value.GetString()!) ?? throw new FormatException($"{member.Name}: expected a duration, as in 48h");

    private static FormatException Unknown(JsonProperty member, string known) => new($"{member.Name}: not known; there are {known}");
}
