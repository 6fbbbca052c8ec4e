namespace Gantry.Engine.Exec;

/// <summary>What a client asked for with <c>exec</c>.</summary>
/// <remarks>Source: engine-api.yaml, ExecConfig.</remarks>
public sealed record ExecCreateSpec
{
    /// <summary>The command and its arguments.</summary>
    public IReadOnlyList<string> Cmd { get; init; } = [];

    /// <summary>Variables added to the container's, as in <c>KEY=value</c>.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>The user to run as; null: the container's.</summary>
    public string? User { get; init; }

    /// <summary>The directory to run in; null: the container's.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>Run with every capability.</summary>
    public bool Privileged { get; init; }

    /// <summary>Give it a terminal.</summary>
    public bool Tty { get; init; }

    public bool AttachStdin { get; init; }

    public bool AttachStdout { get; init; }

    public bool AttachStderr { get; init; }

    /// <summary>The keys that detach; null: the default.</summary>
    public string? DetachKeys { get; init; }

    /// <summary>The terminal's first size: height, width.</summary>
    public (int Height, int Width)? ConsoleSize { get; init; }
}
