using Gantry.Cli.Flags;

namespace Gantry.Cli.Builds;

/// <summary>What is asked about a build instead of building: <c>--call</c>.</summary>
/// <param name="Name">As the engine knows it: <c>lint</c>, <c>outline</c>, <c>targets</c>, …</param>
/// <param name="AsJson">The answer is shown as JSON.</param>
/// <param name="IgnoreStatus">The exit code says only whether there was an answer.</param>
internal sealed record BuildQuestion(string Name, bool AsJson, bool IgnoreStatus)
{
    /// <summary>Reads <c>--check</c> and <c>--call NAME[,format=json][,ignorestatus=true]</c>; null: something is built.</summary>
    /// <remarks>Source: docker/buildx commands/build.go, whose <c>--check</c> is a short way to write <c>--call=check</c>.</remarks>
    /// <exception cref="FlagException">A field that is not known.</exception>
    public static BuildQuestion? Read(FlagValues flags)
    {
        var call = flags.Text("call");
        if (call is "" or "build")
            return flags.Bool("check") ? new("lint", false, false) : null;
        var fields = call.Split(',');
        var question = new BuildQuestion(fields[0] == "check" ? "lint" : fields[0], false, false);
        foreach (var field in fields.Skip(1))
        {
            question = field.Split('=', 2) switch
            {
                ["format", var format] => question with { AsJson = format == "json" },
                ["ignorestatus", "true" or "1"] => question with { IgnoreStatus = true },
                ["ignorestatus", "false" or "0"] => question with { IgnoreStatus = false },
                _ => throw new FlagException($"invalid print field: {field}"),
            };
        }

        return question.Name == "build" ? null : question;
    }
}
