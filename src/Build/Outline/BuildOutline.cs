using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>What a build takes: the answer to <c>frontend.outline</c>.</summary>
/// <remarks>Source: moby/buildkit frontend/subrequests/outline.</remarks>
public sealed record BuildOutline
{
    /// <summary>The target's name; null: it has none.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("description")]
    public string? Description { get; init; }

    /// <summary>In the order of the file; null: none.</summary>
    [JsonPropertyName("args")]
    public IReadOnlyList<OutlineArgument>? Arguments { get; init; }

    [JsonPropertyName("secrets")]
    public IReadOnlyList<OutlineSecret>? Secrets { get; init; }

    [JsonPropertyName("ssh")]
    public IReadOnlyList<OutlineSecret>? Agents { get; init; }

    /// <summary>The files that the locations are in; base64 in JSON.</summary>
    [JsonPropertyName("sources")]
    public IReadOnlyList<ReadOnlyMemory<byte>>? Sources { get; init; }

    /// <summary>The outline as an answer: JSON, and the text that people are shown.</summary>
    public SubrequestReply ToReply() => new()
    {
        Json = JsonSerializer.SerializeToUtf8Bytes(this, SubrequestJson.Readable.BuildOutline),
        Text = Render(),
    };

    private string Render()
    {
        var text = new StringBuilder();
        if (Name is not null || Description is not null)
        {
            var head = new TextTable(gap: 1).Add("TARGET:", Name ?? "(default)");
            if (Description is not null)
                head.Add("DESCRIPTION:", Description);
            text.Append(head.Render()).Append('\n');
        }
        if (Arguments is { Count: > 0 })
        {
            var table = new TextTable(gap: 3).Add("BUILD ARG", "VALUE", "DESCRIPTION");
            foreach (var argument in Arguments)
                table.Add(argument.Name, argument.Value ?? string.Empty, argument.Description ?? string.Empty);
            text.Append(table.Render()).Append('\n');
        }
        RenderNeeds(text, "SECRET", Secrets);
        RenderNeeds(text, "SSH", Agents);
        return text.ToString();
    }

    private static void RenderNeeds(StringBuilder text, string heading, IReadOnlyList<OutlineSecret>? needs)
    {
        if (needs is not { Count: > 0 })
            return;
        var table = new TextTable(gap: 3).Add(heading, "REQUIRED");
        foreach (var need in needs)
            table.Add(need.Name, need.Required ? "true" : string.Empty);
        text.Append(table.Render()).Append('\n');
    }
}
