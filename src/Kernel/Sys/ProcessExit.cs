namespace Gantry.Kernel.Sys;

/// <summary>How a process ended.</summary>
/// <param name="Code">Its exit code, when it exited by itself; 0 otherwise.</param>
/// <param name="Signal">The signal that ended it, or 0.</param>
public readonly record struct ProcessExit(int Code, int Signal)
{
    /// <summary>The shell's convention: the code, or 128 + signal.</summary>
    public int Status => Signal == 0 ? Code : 128 + Signal;
}
