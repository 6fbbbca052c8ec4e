using System.Diagnostics;
using System.Text;
using Gantry.Cli.Commands;
using Gantry.Cli.Output;

namespace Gantry.Tests.Unit.Cli;

/// <summary>Runs command lines: ours in this process, docker's as the program that is installed.</summary>
public static class Cli
{
    public const string Docker = "/usr/local/bin/docker";

    public sealed record Result(int Code, string Out, string Error);

    /// <summary>Runs a gantry command line.</summary>
    public static Result Gantry(params string[] arguments)
    {
        using var stdout = new MemoryStream();
        using var stderr = new MemoryStream();
        using var output = new TextOutput(stdout);
        using var error = new TextOutput(stderr);
        var code = new CommandLine(output, error).Run(arguments);
        return new(code, Encoding.UTF8.GetString(stdout.ToArray()), Encoding.UTF8.GetString(stderr.ToArray()));
    }

    /// <summary>Runs docker's client, its name replaced by ours in what it says.</summary>
    public static Result RunDocker(params string[] arguments)
    {
        var start = new ProcessStartInfo(Docker) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.GetAwaiter().GetResult().Replace("docker", "gantry", StringComparison.Ordinal));
    }

    /// <summary>Splits a line as a shell does, single quotes included.</summary>
    public static string[] Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (inQuotes, any) = (false, false);
        foreach (var c in line)
        {
            if (c == '\'')
            {
                (inQuotes, any) = (!inQuotes, true);
            }
            else if (c == ' ' && !inQuotes)
            {
                if (any)
                    words.Add(word.ToString());
                word.Clear();
                any = false;
            }
            else
            {
                word.Append(c);
                any = true;
            }
        }
        if (any)
            words.Add(word.ToString());
        return [.. words];
    }
}
