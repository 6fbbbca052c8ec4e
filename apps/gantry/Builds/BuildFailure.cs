using System.Text.Json;

namespace Gantry.Cli.Builds;

/// <summary>Why a build failed.</summary>
/// <param name="ExitCode">Of the command that failed; 0: it was none.</param>
/// <param name="FirstLine">In the Dockerfile, from 1; 0: it comes from no line.</param>
internal sealed record BuildFailure(string Message, int ExitCode, int FirstLine, int LastLine)
{
    public static BuildFailure Read(JsonElement failure) => new(
        BuildResult.Text(failure, "message"), BuildResult.Number(failure, "exitCode"), BuildResult.Number(failure, "firstLine"), BuildResult.Number(failure, "lastLine"));
}
