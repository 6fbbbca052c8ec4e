namespace Gantry.Engine.Exec;

/// <summary>How to start an exec.</summary>
public sealed record ExecStartSpec
{
    /// <summary>Return when it runs, without its streams.</summary>
    public bool Detach { get; init; }

    /// <summary>Whether the client reads raw output rather than frames, whatever the process has.</summary>
    public bool Tty { get; init; }

    /// <summary>The terminal's first size: height, width.</summary>
    public (int Height, int Width)? ConsoleSize { get; init; }
}
