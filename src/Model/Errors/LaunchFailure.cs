namespace Gantry.Model;

/// <summary>The step and errno with which the kernel refused a launch.</summary>
/// <param name="Stage">Where it failed.</param>
/// <param name="Errno">The kernel's error number, positive.</param>
public sealed record LaunchFailure(LaunchStage Stage, int Errno);
