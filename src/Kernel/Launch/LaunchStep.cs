using Gantry.Model;

namespace Gantry.Kernel.Launch;

/// <summary>What a group of operations is about.</summary>
/// <param name="Stage">Where in the launch it is.</param>
/// <param name="What">As a person would say it: <c>mount /proc</c>.</param>
public sealed record LaunchStep(LaunchStage Stage, string What);
