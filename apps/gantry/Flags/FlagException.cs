namespace Gantry.Cli.Flags;

/// <summary>A flag or its value makes no sense. The message is shown with the command's usage, and the exit code is 125, unless it has one of its own.</summary>
internal sealed class FlagException(string message) : Exception(message)
{
    /// <summary>The exit code, when it is not the usual one; null: it is.</summary>
    public int? ExitCode { get; init; }

    /// <summary>A flag that is probably meant; null: none is near.</summary>
    public string? Suggestion { get; init; }
}
