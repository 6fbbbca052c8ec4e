using System.Globalization;
using System.Text;
using Gantry.Cli.Output;
using Gantry.Model;

namespace Gantry.Cli.Builds;

/// <summary>What is said of a build when it is over: why it failed and where, or what its Dockerfile could do better.</summary>
/// <remarks>Source: the output of buildx.</remarks>
internal static class BuildReport
{
    /// <summary>Shows the end of the failed step's log, the lines of the Dockerfile, and the reason.</summary>
    /// <param name="dockerfile">Its text; null: it is not here.</param>
    /// <param name="name">What it is called.</param>
    public static void ShowFailure(TextOutput output, BuildFailure failure, IReadOnlyList<BuildStep> steps, byte[]? dockerfile, string name)
    {
        var failed = steps.FirstOrDefault(static step => step.Error is not null && step.Tail.Any()) ?? steps.FirstOrDefault(static step => step.Error is not null);
        if (failed is not null)
        {
            output.WriteLine("------");
            output.WriteLine($" > {failed.Name}:");
            foreach (var line in failed.Tail)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{line.Seconds:0.000} {line.Text}"));
            output.WriteLine("------");
        }

        if (dockerfile is not null && failure.FirstLine > 0)
            ShowLines(output, dockerfile, name, failure.FirstLine, failure.LastLine);
        output.WriteLine("ERROR: failed to solve: " + failure.Message);
        if (ExitWords(failure.ExitCode) is { } words)
            output.WriteLine(words);
    }

    /// <summary>Shows what linting found.</summary>
    public static void ShowWarnings(TextOutput output, IReadOnlyList<BuildWarning> warnings, byte[]? dockerfile, string name)
    {
        if (warnings.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine($" {warnings.Count} {(warnings.Count == 1 ? "warning" : "warnings")} found:");
        foreach (var warning in warnings)
        {
            output.WriteLine($" - {warning.Rule}: {warning.Message}{(warning.FirstLine > 0 ? $" (line {warning.FirstLine})" : "")}");
            if (warning.Url.Length > 0 || warning.Description.Length > 0)
                output.WriteLine($"   {warning.Description}{(warning.Url.Length > 0 ? $"\n   More info: {warning.Url}" : "")}");
            if (dockerfile is not null && warning.FirstLine > 0)
                ShowLines(output, dockerfile, name, warning.FirstLine, warning.LastLine);
        }
    }

    /// <summary>Shows for each step that ran what changed since the last build.</summary>
    public static void ShowReasons(TextOutput output, IReadOnlyList<BuildStep> steps)
    {
        var ran = steps.Where(static step => step.Why.Count > 0).ToList();
        if (ran.Count == 0)
        {
            output.WriteLine("No step ran: nothing that they use changed since the last build.");
            return;
        }

        output.WriteLine($"Why {ran.Count} {(ran.Count == 1 ? "step" : "steps")} ran:");
        foreach (var step in ran)
        {
            output.WriteLine($" {step.Name}");
            foreach (var reason in step.Why)
                output.WriteLine("   - " + LiveDisplay.Clean(reason));
        }
    }

    /// <summary>Shows lines of a file with some around them; those meant are marked.</summary>
    private static void ShowLines(TextOutput output, byte[] file, string name, int first, int last) =>
        output.Write(SourceExcerpt.Render(name, [.. Encoding.UTF8.GetString(file).Split('\n').Select(static line => line.TrimEnd('\r'))], first, last));

    /// <summary>What an exit code usually means; null: it says nothing by itself.</summary>
    internal static string? ExitWords(int code) => code switch
    {
        126 => "      → 126: the shell found the command but may not execute it: is it a directory, not marked executable, or built for another processor?",
        127 => "      → 127: the shell did not find the command: is its package installed in this stage, and is it in PATH?",
        137 => "      → 137: the command was killed (SIGKILL), most often because memory ran out",
        139 => "      → 139: the command crashed (SIGSEGV)",
        143 => "      → 143: the command was told to end (SIGTERM)",
        _ => null,
    };
}
