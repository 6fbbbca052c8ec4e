namespace Gantry.Cli.Builds;

/// <summary>A line of a step's output, without its end.</summary>
/// <param name="Seconds">Since the step began.</param>
internal readonly record struct LogLine(double Seconds, string Text);
