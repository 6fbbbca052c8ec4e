using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>Lines of a file that an answer speaks of.</summary>
/// <remarks>Source: moby/buildkit solver/pb/ops.proto Location, as Go's encoding/json writes it: zeroes are left out.</remarks>
public sealed record FileLocation
{
    /// <summary>The file's place in the answer's sources.</summary>
    [JsonPropertyName("sourceIndex")]
    public int SourceIndex { get; init; }

    /// <summary>One for each line; empty: the file as a whole.</summary>
    [JsonPropertyName("ranges")]
    public IReadOnlyList<FileRange>? Ranges { get; init; }

    /// <summary>The location of lines in the first source; null lines: none in it.</summary>
    public static FileLocation Of(SourceLines? lines) => new()
    {
        Ranges = lines is { } known ? [.. Enumerable.Range(known.First, known.Last - known.First + 1).Select(FileRange.OfLine)] : null,
    };
}
