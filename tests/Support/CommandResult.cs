namespace Gantry.Tests.Support;

/// <summary>What a command printed and how it ended.</summary>
public sealed record CommandResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>Standard output without white space at its ends.</summary>
    public string Text => Output.Trim();

    /// <summary>Returns itself when the command succeeded.</summary>
    /// <exception cref="InvalidOperationException">It did not: the message has all it printed.</exception>
    public CommandResult Succeeded() => Exited(0);

    /// <summary>Returns itself when the command ended with a code.</summary>
    public CommandResult Exited(int code) =>
        ExitCode == code ? this : throw new InvalidOperationException($"{Command}\nended with {ExitCode}, not {code}\n--- output\n{Output}\n--- error\n{Error}");
}
