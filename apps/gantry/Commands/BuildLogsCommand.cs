using System.Globalization;
using System.Text.Json;
using Gantry.Cli.Builds;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry builder logs [ID]</c>, also as <c>gantry build logs</c>: the whole log of a build that is over.</summary>
internal static class BuildLogsCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "logs",
        Usage = "[BUILD]",
        Summary = "Show the whole log of a build (default: the newest), or list those kept with \"ls\"",
        Aliases = ["builder logs"],
        Arity = Arity.Any,
        Flags = static () => [new("why", FlagKind.Bool, "Say for every step that ran what changed since the build before")],
        Run = Run,
    };

    internal static int Run(Invocation invocation)
    {
        if (invocation.Arguments is ["ls"])
            return List(invocation);
        if (invocation.Arguments.Count > 1)
            throw new FlagException("one build at a time: gantry builder logs BUILD; gantry builder logs ls lists them");
        using var display = new PlainDisplay(invocation.Out, TimeProvider.System);
        var picture = new BuildPicture(display);
        foreach (var happening in invocation.Client.Builds.Logs(invocation.Arguments.Count == 0 ? null : invocation.Arguments[0]))
            picture.Take(happening);
        display.End(picture.Steps);
        BuildReport.ShowWarnings(invocation.Out, picture.Warnings, null, "Dockerfile");
        if (invocation.Flags.Bool("why"))
            BuildReport.ShowReasons(invocation.Out, picture.Steps);
        if (picture.Failure is { } failure)
            BuildReport.ShowFailure(invocation.Out, failure, picture.Steps, null, "Dockerfile");
        else if (picture.Result is { } result)
            invocation.Out.WriteLine(result.Image.Length > 0 ? $"built {result.Image} {string.Join(' ', result.Names)}".TrimEnd() : "built");
        return ExitCodes.Success;
    }

    private static int List(Invocation invocation)
    {
        using var builds = invocation.Client.Builds.History();
        var table = new ColumnWriter();
        table.Line("BUILD\tSTARTED\tDURATION\tSTATUS\tNAMES");
        foreach (var build in builds.RootElement.EnumerateArray())
        {
            var started = build.GetProperty("Started").GetDateTimeOffset();
            var duration = build.TryGetProperty("Ended", out var ended) && ended.ValueKind == JsonValueKind.String ? Units.Duration(ended.GetDateTimeOffset() - started) : "";
            var names = string.Join(',', build.GetProperty("Names").EnumerateArray().Select(static name => name.GetString()));
            table.Line($"{BuildResult.Text(build, "Id")}\t{started.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}\t{duration}\t{BuildResult.Text(build, "Status")}\t{names}");
        }

        table.WriteTo(invocation.Out);
        return ExitCodes.Success;
    }
}
