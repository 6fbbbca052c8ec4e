using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>The stages that can be built: the answer to <c>frontend.targets</c>.</summary>
/// <remarks>Source: moby/buildkit frontend/subrequests/targets and dockerfile2llb/convert.go ListTargets.</remarks>
public sealed record TargetList
{
    /// <summary>In the order of the file.</summary>
    [JsonPropertyName("targets")]
    public required IReadOnlyList<TargetEntry> Targets { get; init; }

    /// <summary>The files that the locations are in; base64 in JSON.</summary>
    [JsonPropertyName("sources")]
    public required IReadOnlyList<ReadOnlyMemory<byte>> Sources { get; init; }

    /// <summary>The targets of a file.</summary>
    /// <param name="text">The file that was read.</param>
    public static TargetList Of(Dockerfile dockerfile, ReadOnlyMemory<byte> text) => new()
    {
        Sources = [text],
        Targets = [.. dockerfile.Stages.Select((stage, place) => new TargetEntry
        {
            Name = stage.Name,
            IsDefault = place == dockerfile.Stages.Count - 1,
            Description = stage.Comment,
            Base = stage.Base,
            Platform = stage.Platform,
            Location = FileLocation.Of(stage.Lines),
        })],
    };

    /// <summary>The list as an answer: JSON, and the text that people are shown.</summary>
    public SubrequestReply ToReply()
    {
        var table = new TextTable(gap: 1).Add("TARGET", "DESCRIPTION");
        foreach (var target in Targets)
        {
            var name = target.IsDefault ? $"{target.Name} (default)".TrimStart() : target.Name ?? string.Empty;
            table.Add(name, target.Description ?? string.Empty);
        }
        return new() { Json = JsonSerializer.SerializeToUtf8Bytes(this, SubrequestJson.Readable.TargetList), Text = table.Render() };
    }
}
