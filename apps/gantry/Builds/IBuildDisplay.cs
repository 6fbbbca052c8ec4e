namespace Gantry.Cli.Builds;

/// <summary>Shows how a build goes. Called by one thread at a time.</summary>
internal interface IBuildDisplay : IDisposable
{
    /// <summary>Held while what is shown changes: a display may read it from a thread of its own.</summary>
    Lock Gate { get; }

    /// <summary>A step changed its state.</summary>
    void Changed(BuildStep step);

    /// <summary>A step wrote a line.</summary>
    void Wrote(BuildStep step, LogLine line);

    /// <summary>A part of a step got on.</summary>
    void Moved(BuildStep step, StepStatus status);

    /// <summary>Leaves the terminal to somebody else.</summary>
    void Pause()
    {
    }

    /// <summary>Has it back.</summary>
    void Resume()
    {
    }

    /// <summary>Nothing more comes: what was kept back is shown.</summary>
    void End(IReadOnlyList<BuildStep> steps);
}
