namespace Gantry.Kernel.Sys;

/// <summary>A terminal's settings, kept to be restored.</summary>
public sealed class TerminalMode
{
    internal TerminalMode(Terminals.KernelTermios value) => Value = value;

    internal Terminals.KernelTermios Value { get; }
}
