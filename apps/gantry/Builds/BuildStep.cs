namespace Gantry.Cli.Builds;

/// <summary>One step of a build as it is known now.</summary>
/// <param name="Number">From 1, in the order in which the steps were told of.</param>
internal sealed record BuildStep(int Number)
{
    private const int MostTail = 40;

    private readonly Queue<LogLine> _tail = new();

    public string Name { get; set; } = "";

    public DateTimeOffset? Started { get; set; }

    public DateTimeOffset? Completed { get; set; }

    public bool Cached { get; set; }

    public string? Error { get; set; }

    /// <summary>Why it ran, a sentence for each thing that changed.</summary>
    public IReadOnlyList<string> Why { get; set; } = [];

    /// <summary>What its parts last told, in the order of their first word.</summary>
    public List<StepStatus> Statuses { get; } = [];

    /// <summary>The last lines of its output, the oldest first.</summary>
    public IEnumerable<LogLine> Tail => _tail;

    public LineAssembly Lines { get; } = new();

    public bool IsRunning => Started is not null && Completed is null;

    /// <summary>How long it took until now, or until it ended.</summary>
    public TimeSpan Elapsed(DateTimeOffset now) => Started is null ? TimeSpan.Zero : (Completed ?? now) - Started.Value;

    /// <summary>Keeps a line for the end of the log.</summary>
    public void Keep(LogLine line)
    {
        _tail.Enqueue(line);
        if (_tail.Count > MostTail)
            _tail.Dequeue();
    }
}
