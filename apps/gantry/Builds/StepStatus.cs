namespace Gantry.Cli.Builds;

/// <summary>How far a part of a step is.</summary>
internal sealed record StepStatus(string Id)
{
    public long Current { get; set; }

    /// <summary>0: not known.</summary>
    public long Total { get; set; }

    public DateTimeOffset? Started { get; set; }

    public DateTimeOffset? Completed { get; set; }
}
