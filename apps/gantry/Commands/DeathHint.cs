using System.Text.Json;
using Gantry.Cli.Output;
using Gantry.Model;

namespace Gantry.Cli.Commands;

/// <summary>The short form of <c>explain</c>, on standard error, where a container died young.</summary>
internal static class DeathHint
{
    /// <summary>How many containers <c>ps -a</c> explains: the youngest.</summary>
    private const int MostListed = 3;

    private static readonly TimeSpan s_recent = TimeSpan.FromHours(1);

    /// <summary>What happened and what to do, when more is known than the exit code tells. Never fails.</summary>
    public static void Print(Invocation invocation, string container)
    {
        if (Find(invocation, container) is { } found)
            invocation.Error.WriteLine($"gantry: {found.Sentence}\n      → {found.Fix}");
    }

    /// <summary>The fix alone, for below a message that tells what happened; null when there is none.</summary>
    public static string? Fix(Invocation invocation, string container) => Find(invocation, container)?.Fix;

    /// <summary>Below a table of containers: those that ended badly not long ago.</summary>
    public static void PrintBelow(Invocation invocation, JsonElement containers)
    {
        var now = TimeProvider.System.GetUtcNow();
        var dead = containers.EnumerateArray()
            .Where(c => JsonMember.Text(c, "State") is "exited" or "created" or "restarting" && !JsonMember.Text(c, "Status").StartsWith("Exited (0)", StringComparison.Ordinal))
            .Where(c => c.TryGetProperty("Created", out var created) && now - DateTimeOffset.FromUnixTimeSeconds(created.GetInt64()) < s_recent)
            .Take(MostListed);
        foreach (var container in dead)
        {
            if (Find(invocation, JsonMember.Text(container, "Id")) is { } found)
                invocation.Error.WriteLine($"{found.Name}: {found.Sentence} (gantry explain {found.Name})");
        }
    }

    private static (string Name, string Sentence, string Fix)? Find(Invocation invocation, string container)
    {
        try
        {
            using var json = invocation.Client.Containers.Explain(container);
            foreach (var finding in json.RootElement.GetProperty("Findings").EnumerateArray())
            {
                if (finding.GetProperty("Specific").GetBoolean())
                    return (JsonMember.Text(json.RootElement, "Name"), JsonMember.Text(finding, "Sentence"), JsonMember.Text(finding, "Fix"));
            }
        }
        catch (Exception e) when (e is GantryException or IOException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Another engine than Gantry's, or one that went away: the hint is left out.
        }

        return null;
    }
}
