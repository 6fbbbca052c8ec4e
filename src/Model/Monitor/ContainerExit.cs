namespace Gantry.Model.Monitor;

/// <summary>How a container ended.</summary>
/// <param name="ExitCode">What the first process returned; 128 + n when signal n killed it.</param>
/// <param name="FinishedAt">When the monitor reaped it.</param>
/// <param name="OomKilled">Whether the kernel killed something in its control group for memory.</param>
public sealed record ContainerExit(int ExitCode, DateTimeOffset FinishedAt, bool OomKilled);
