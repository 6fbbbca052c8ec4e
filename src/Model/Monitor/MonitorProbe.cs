namespace Gantry.Model.Monitor;

/// <summary>How one health probe went.</summary>
/// <param name="Start">When it began.</param>
/// <param name="End">When it had ended.</param>
/// <param name="ExitCode">What it returned; -1 when it could not be run, or took too long.</param>
/// <param name="Output">The begin of what it wrote to standard output and error, or why it has no exit code.</param>
public sealed record MonitorProbe(DateTimeOffset Start, DateTimeOffset End, int ExitCode, string Output);
