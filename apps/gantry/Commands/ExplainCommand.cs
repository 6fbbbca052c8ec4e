using Gantry.Cli.Flags;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry explain</c>: why a container is as it is, and what to do about it. Docker has nothing like it.</summary>
internal static class ExplainCommand
{
    private const int ShownLines = 10;

    public static readonly CommandSpec Spec = new()
    {
        Name = "explain",
        Usage = "[OPTIONS] CONTAINER",
        Summary = "Say why a container is as it is, and what to do about it",
        Aliases = ["container explain", "explain"],
        Arity = Arity.Exactly(1),
        Names = Names.Containers,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var format = invocation.Flags.Text("format");
        if (format is not ("" or "json"))
            throw new FlagException($"\"{format}\" is no format of explain: write --format json, or leave it out");
        using var json = invocation.Client.Containers.Explain(invocation.Arguments[0]);
        if (format == "json")
        {
            invocation.Out.WriteLine(json.RootElement.GetRawText());
            return ExitCodes.Success;
        }

        var explanation = json.RootElement;
        var output = invocation.Out;
        output.WriteLine($"{JsonMember.Text(explanation, "Name")} ({JsonMember.Text(explanation, "Image")}) {JsonMember.Text(explanation, "Summary")}.");
        var findings = explanation.GetProperty("Findings").EnumerateArray().ToList();
        foreach (var finding in findings)
        {
            output.WriteLine("");
            output.WriteLine($"  {JsonMember.Text(finding, "Sentence")}");
            if (JsonMember.Text(finding, "Evidence") is { Length: > 0 } evidence)
                output.WriteLine($"    | {evidence}");
            output.WriteLine($"  → {JsonMember.Text(finding, "Fix")}");
        }

        if (findings.Count == 0)
            output.WriteLine("Nothing is seen to be wrong with it.");
        var lines = explanation.GetProperty("LastLines").EnumerateArray().ToList();
        if (lines.Count == 0 || (findings.Count == 0 && JsonMember.Text(explanation, "Status") == "running"))
            return ExitCodes.Success;
        output.WriteLine("");
        output.WriteLine("The last lines of its log:");
        foreach (var line in lines.TakeLast(ShownLines))
            output.WriteLine($"  | {line.GetString()}");
        return ExitCodes.Success;
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("format", FlagKind.Text, "Format output: 'json', or leave it out for text", 'f'),
    ];
}
