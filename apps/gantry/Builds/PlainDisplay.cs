using System.Globalization;
using Gantry.Cli.Output;

namespace Gantry.Cli.Builds;

/// <summary>
/// Lines without movement, for logs: each begins with its step's number. One step is shown at a time; others wait until
/// it ends, or has been silent for a while.
/// </summary>
/// <remarks>Source: the output of BuildKit's plain mode.</remarks>
internal sealed class PlainDisplay(TextOutput output, TimeProvider time) : IBuildDisplay
{
    // As long as a silent step keeps the others waiting.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Dictionary<BuildStep, List<string>> _waiting = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<BuildStep> _ended = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<(BuildStep, string)> _told = [];
    private BuildStep? _shown;
    private long _lastShown;
    private bool _any;

    public Lock Gate { get; } = new();

    public void Changed(BuildStep step)
    {
        if (step.Started is null && !step.Cached)
            return;
        Say(step, null);
        if (step.Completed is not null && _ended.Add(step))
            Finish(step);
        output.Flush();
    }

    public void Wrote(BuildStep step, LogLine line)
    {
        Say(step, string.Create(CultureInfo.InvariantCulture, $"#{step.Number} {line.Seconds:0.000} {line.Text}"));
        output.Flush();
    }

    public void Moved(BuildStep step, StepStatus status)
    {
        // A line when a part begins and one when it is done: no bars here.
        if (!_told.Add((step, status.Id + (status.Completed is null ? "" : "\n"))))
            return;
        var bytes = status.Total > 0 ? $" {Units.Size(status.Current)} / {Units.Size(status.Total)}" : status.Current > 0 ? $" {Units.Size(status.Current)}" : "";
        var elapsed = status.Completed is { } end && status.Started is { } begin ? " " + Seconds(end - begin) : "";
        Say(step, $"#{step.Number} {status.Id}{bytes}{elapsed}{(status.Completed is null ? "" : " done")}");
        output.Flush();
    }

    public void End(IReadOnlyList<BuildStep> steps)
    {
        foreach (var step in steps.Where(_waiting.ContainsKey))
            Show(step);
        if (_any)
            output.WriteLine();
        output.Flush();
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    private static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0}s");

    private void Finish(BuildStep step)
    {
        Say(step, step.Error is { } error ? $"#{step.Number} ERROR: {error}" : step.Cached ? $"#{step.Number} CACHED" : $"#{step.Number} DONE {Seconds(step.Elapsed(step.Completed!.Value))}");
        if (step != _shown)
            return;
        _shown = null;
        // Whoever waited longest comes next; those that have ended meanwhile are shown whole.
        foreach (var next in _waiting.Keys.OrderBy(static waiting => waiting.Number).ToList())
        {
            Show(next);
            if (!_ended.Contains(next))
                return;
            _shown = null;
        }
    }

    private void Say(BuildStep step, string? line)
    {
        if (step != _shown && _shown is not null && time.GetElapsedTime(_lastShown) < s_patience)
        {
            var lines = _waiting.TryGetValue(step, out var known) ? known : _waiting[step] = [];
            if (line is not null)
                lines.Add(line);
            return;
        }
        if (step != _shown)
            Show(step);
        if (line is null)
            return;
        output.WriteLine(line);
        _lastShown = time.GetTimestamp();
    }

    private void Show(BuildStep step)
    {
        output.WriteLine($"{(_any ? "\n" : "")}#{step.Number} {step.Name}");
        _any = true;
        _shown = step;
        _lastShown = time.GetTimestamp();
        if (!_waiting.Remove(step, out var lines))
            return;
        foreach (var line in lines)
            output.WriteLine(line);
    }
}
