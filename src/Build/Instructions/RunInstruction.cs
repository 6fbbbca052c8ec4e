namespace Gantry.Build;

/// <summary>RUN: a program that changes the tree.</summary>
public sealed record RunInstruction : Instruction
{
    public required CommandLine Command { get; init; }

    /// <summary>In shell form, the here-documents that its text begins, in order; their texts are not in <see cref="Command"/>.</summary>
    public IReadOnlyList<Heredoc> Heredocs { get; init; } = [];

    /// <summary>The values of <c>--mount</c>, unexpanded, in order.</summary>
    public IReadOnlyList<MountText> Mounts { get; init; } = [];

    public StepNetwork Network { get; init; }

    /// <summary><c>--security=insecure</c></summary>
    public bool Insecure { get; init; }

    /// <summary>The values of <c>--device</c>.</summary>
    public IReadOnlyList<DeviceFlag> Devices { get; init; } = [];
}
