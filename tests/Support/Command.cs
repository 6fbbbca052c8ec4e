using System.Diagnostics;

namespace Gantry.Tests.Support;

/// <summary>Runs programs for tests, each with a time limit.</summary>
public static class Command
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(120);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">A path or a name on PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">What it reads; then its input ends.</param>
    /// <param name="environment">Variables to set; null removes one.</param>
    /// <exception cref="TimeoutException">It did not end in two minutes; it was killed.</exception>
    public static async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, string input = "", IReadOnlyDictionary<string, string?>? environment = null)
    {
        using var process = Start(program, arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        var words = $"{Path.GetFileName(program)} {string.Join(' ', process.StartInfo.ArgumentList)}";
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading its input; what it printed says why.
        }

        using var limit = new CancellationTokenSource(_limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{words}: did not end in {_limit}\n--- output\n{await output}\n--- error\n{await error}");
        }

        return new(words, process.ExitCode, await output, await error);
    }

    /// <summary>Starts a program with its streams redirected; the caller ends and disposes it.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
