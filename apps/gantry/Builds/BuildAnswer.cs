using System.Globalization;
using System.Text;
using System.Text.Json;
using Gantry.Cli.Output;
using Gantry.Model;

namespace Gantry.Cli.Builds;

/// <summary>What the engine answered to a <see cref="BuildQuestion"/>.</summary>
/// <param name="StatusCode">What the answer would have the client exit with.</param>
/// <remarks>Source: docker/buildx commands/build.go, printResult.</remarks>
internal sealed record BuildAnswer(string Json, string Text, int StatusCode)
{
    public static BuildAnswer Read(JsonElement answer) => new(BuildResult.Text(answer, "json"), BuildResult.Text(answer, "text"), BuildResult.Number(answer, "statusCode"));

    /// <summary>Shows the answer as docker does.</summary>
    /// <param name="name">What the person called the Dockerfile.</param>
    /// <returns>The exit code.</returns>
    public int Show(BuildQuestion question, string name, TextOutput output, TextOutput error)
    {
        var code = question.IgnoreStatus ? ExitCodes.Success : StatusCode;
        if (question.AsJson)
            output.WriteLine(Json);
        if (question.Name == "lint")
            return ShowCheck(question, name, output, error) ? code : ExitCodes.Failure;
        if (!question.AsJson)
            output.Write(Text);
        return code;
    }

    /// <summary>False: the file cannot be built.</summary>
    private bool ShowCheck(BuildQuestion question, string name, TextOutput output, TextOutput error)
    {
        using var document = JsonDocument.Parse(Json);
        var result = document.RootElement;
        var warnings = result.GetProperty("warnings") is { ValueKind: JsonValueKind.Array } found ? found.EnumerateArray().OrderBy(FirstLine).ToList() : [];
        var hasFailed = result.TryGetProperty("buildError", out var failure);
        if (!question.AsJson && warnings.Count > 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Check complete, {(warnings.Count == 1 ? "1 warning has" : $"{warnings.Count} warnings have")} been found!"));
            foreach (var warning in warnings)
            {
                var url = BuildResult.Text(warning, "url");
                output.WriteLine();
                output.WriteLine($"WARNING: {BuildResult.Text(warning, "ruleName")}{(url.Length > 0 ? " - " + url : "")}");
                output.WriteLine(BuildResult.Text(warning, "detail"));
                output.Write(Excerpt(result, warning, name));
            }
        }

        if (hasFailed)
        {
            if (!question.AsJson && warnings.Count > 0)
                output.WriteLine();
            error.WriteLine("ERROR: " + BuildResult.Text(failure, "message"));
            error.Write(Excerpt(result, failure, name));
        }
        else if (!question.AsJson && warnings.Count == 0)
        {
            output.WriteLine("Check complete, no warnings found.");
        }

        return !hasFailed;
    }

    private static int FirstLine(JsonElement finding) => Lines(finding).First;

    private static (int First, int Last) Lines(JsonElement finding)
    {
        if (!finding.GetProperty("location").TryGetProperty("ranges", out var ranges) || ranges is not { ValueKind: JsonValueKind.Array } || ranges.GetArrayLength() == 0)
            return (0, 0);
        return (BuildResult.Number(ranges[0].GetProperty("start"), "line"), BuildResult.Number(ranges[ranges.GetArrayLength() - 1].GetProperty("end"), "line"));
    }

    private static string Excerpt(JsonElement result, JsonElement finding, string name)
    {
        var (first, last) = Lines(finding);
        var source = result.GetProperty("sources")[BuildResult.Number(finding.GetProperty("location"), "sourceIndex")];
        return SourceExcerpt.Render(name, Encoding.UTF8.GetString(source.GetProperty("data").GetBytesFromBase64()).Split('\n'), first, last);
    }
}
