using System.Text.Json;

namespace Gantry.Cli.Builds;

/// <summary>A finding of a lint rule.</summary>
/// <param name="FirstLine">From 1; 0: it is about no line.</param>
internal sealed record BuildWarning(string Rule, string Message, string Description, string Url, int FirstLine, int LastLine)
{
    public static BuildWarning Read(JsonElement warning) => new(
        BuildResult.Text(warning, "rule"),
        BuildResult.Text(warning, "message"),
        BuildResult.Text(warning, "description"),
        BuildResult.Text(warning, "url"),
        BuildResult.Number(warning, "firstLine"),
        BuildResult.Number(warning, "lastLine"));
}
