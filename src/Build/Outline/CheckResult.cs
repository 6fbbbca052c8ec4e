using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>What linting found, and what would keep the file from being built: the answer to <c>frontend.lint</c>.</summary>
/// <remarks>Source: moby/buildkit frontend/subrequests/lint.</remarks>
public sealed record CheckResult
{
    [JsonPropertyName("warnings")]
    public required IReadOnlyList<CheckWarning> Warnings { get; init; }

    [JsonPropertyName("sources")]
    public required IReadOnlyList<FileSource> Sources { get; init; }

    /// <summary>Null: the file can be built.</summary>
    [JsonPropertyName("buildError")]
    public CheckFailure? Failure { get; init; }

    /// <summary>The result for one file.</summary>
    /// <param name="failure">What a build failed with before its first step; null: nothing.</param>
    public static CheckResult Of(FileSource source, IEnumerable<LintWarning> warnings, Exception? failure = null) => new()
    {
        Sources = [source],
        Warnings = [.. warnings.Select(static warning => new CheckWarning
        {
            Rule = warning.Rule,
            Description = warning.Description,
            Url = warning.Url.Length > 0 ? warning.Url : null,
            Detail = warning.Message,
            Location = FileLocation.Of(warning.Lines),
        })],
        Failure = failure is null ? null : new() { Message = failure.Message, Location = FileLocation.Of((failure.InnerException as DockerfileException)?.Lines) },
    };

    /// <summary>The result as an answer: JSON, the text that people are shown, and an exit status.</summary>
    public SubrequestReply ToReply() => new()
    {
        Json = JsonSerializer.SerializeToUtf8Bytes(this, SubrequestJson.Readable.CheckResult),
        Text = RenderWarnings(),
        StatusCode = Warnings.Count > 0 || Failure is not null ? 1 : 0,
    };

    private string RenderWarnings()
    {
        var text = new StringBuilder();
        foreach (var warning in Warnings.OrderBy(static warning => warning.Location.Ranges is { Count: > 0 } ranges ? ranges[0].Start.Line : 0))
        {
            text.Append("\nWARNING: ").Append(warning.Rule);
            if (warning.Url is not null)
                text.Append(" - ").Append(warning.Url);
            text.Append('\n').Append(warning.Detail).Append('\n').Append(Excerpt(warning.Location));
        }
        return text.ToString();
    }

    private string Excerpt(FileLocation location)
    {
        if (location.Ranges is not { Count: > 0 } ranges)
            return string.Empty;
        var source = Sources[location.SourceIndex];
        return SourceExcerpt.Render(source.Filename, Encoding.UTF8.GetString(source.Data.Span).Split('\n'), ranges[0].Start.Line, ranges[^1].End.Line);
    }
}
