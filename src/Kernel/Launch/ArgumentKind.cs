namespace Gantry.Kernel.Launch;

/// <summary>What an <see cref="Argument"/> holds.</summary>
public enum ArgumentKind
{
    Number,
    Data,
    Register,
}
