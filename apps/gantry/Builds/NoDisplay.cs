namespace Gantry.Cli.Builds;

/// <summary>Shows nothing: of a quiet build, or one whose events are written as they come.</summary>
internal sealed class NoDisplay : IBuildDisplay
{
    public Lock Gate { get; } = new();

    public void Changed(BuildStep step)
    {
        // Nothing is shown.
    }

    public void Wrote(BuildStep step, LogLine line)
    {
        // Nothing is shown.
    }

    public void Moved(BuildStep step, StepStatus status)
    {
        // Nothing is shown.
    }

    public void End(IReadOnlyList<BuildStep> steps)
    {
        // Nothing was kept back.
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
