namespace Gantry.Build;

/// <summary>An instruction, and the stages that it takes files from.</summary>
/// <param name="Sources">COPY: the one of <c>--from</c>; RUN: one for each <c>--mount</c>, null where it names none. Empty: the build context.</param>
/// <param name="IsTrigger">It comes from the base's ONBUILD.</param>
internal sealed record StageCommand(Instruction Instruction, IReadOnlyList<StageState?> Sources, bool IsTrigger);
