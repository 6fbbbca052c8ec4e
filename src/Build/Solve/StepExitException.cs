namespace Gantry.Build;

/// <summary>A step's program ended with an exit code that is not zero: the cause of the <see cref="Model.GantryException"/> that says so.</summary>
public sealed class StepExitException(Vertex step, IReadOnlyList<string> arguments, int exitCode) : Exception($"exit code: {exitCode}")
{
    /// <summary>Which step.</summary>
    public Vertex Step { get; } = step;

    /// <summary>The program and its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; } = arguments;

    /// <summary>128 and the signal's number where a signal ended it.</summary>
    public int ExitCode { get; } = exitCode;
}
