using System.Text.Json;

namespace Gantry.Cli.Builds;

/// <summary>Keeps what a build's events tell, and tells a display what became new.</summary>
internal sealed class BuildPicture(IBuildDisplay display)
{
    private readonly Dictionary<string, BuildStep> _byDigest = [];
    private readonly List<BuildStep> _steps = [];

    public IReadOnlyList<BuildStep> Steps => _steps;

    /// <summary>What was built; null: not yet, or nothing.</summary>
    public BuildResult? Result { get; private set; }

    /// <summary>Why it failed; null: it did not.</summary>
    public BuildFailure? Failure { get; private set; }

    /// <summary>What was answered to a question; null: not yet, or there was none.</summary>
    public BuildAnswer? Answer { get; private set; }

    /// <summary>What linting found.</summary>
    public List<BuildWarning> Warnings { get; } = [];

    /// <summary>Takes files that are sent: which output, a piece, whether it was the last. Null: nobody wants them.</summary>
    public Action<string, byte[], bool>? File { get; init; }

    /// <summary>Takes one event.</summary>
    public void Take(JsonElement happening)
    {
        lock (display.Gate)
            TakeGated(happening);
    }

    private void TakeGated(JsonElement happening)
    {
        if (happening.TryGetProperty("vertex", out var vertex))
            TakeVertex(vertex);
        else if (happening.TryGetProperty("log", out var log))
            TakeLog(log);
        else if (happening.TryGetProperty("status", out var status))
            TakeStatus(status);
        else if (happening.TryGetProperty("file", out var file))
            File?.Invoke(file.GetProperty("output").GetString()!, file.TryGetProperty("data", out var data) ? data.GetBytesFromBase64() : [], file.TryGetProperty("end", out _));
        else if (happening.TryGetProperty("result", out var result))
            Result = BuildResult.Read(result);
        else if (happening.TryGetProperty("warnings", out var warnings))
            Warnings.AddRange(warnings.GetProperty("found").EnumerateArray().Select(BuildWarning.Read));
        else if (happening.TryGetProperty("answer", out var answer))
            Answer = BuildAnswer.Read(answer);
        else if (happening.TryGetProperty("failure", out var failure))
            Failure = BuildFailure.Read(failure);
    }

    private void TakeVertex(JsonElement vertex)
    {
        var step = Step(vertex.GetProperty("digest").GetString()!);
        var ended = step.Completed is not null;
        step.Name = vertex.GetProperty("name").GetString()!;
        step.Started = Time(vertex, "started");
        step.Completed = Time(vertex, "completed");
        step.Cached = vertex.TryGetProperty("cached", out _);
        step.Error = vertex.TryGetProperty("error", out var error) ? error.GetString() : null;
        if (vertex.TryGetProperty("why", out var why))
            step.Why = [.. why.EnumerateArray().Select(static reason => reason.GetString() ?? "")];
        if (step.Completed is not null && !ended)
            Write(step, step.Lines.Finish());
        display.Changed(step);
    }

    private void TakeLog(JsonElement log)
    {
        var step = Step(log.GetProperty("vertex").GetString()!);
        var seconds = Time(log, "time") is { } time && step.Started is { } started ? Math.Max(0, (time - started).TotalSeconds) : 0;
        Write(step, step.Lines.Add(log.GetProperty("stream").GetInt32(), log.GetProperty("data").GetBytesFromBase64(), seconds));
    }

    private void Write(BuildStep step, IReadOnlyList<LogLine> lines)
    {
        foreach (var line in lines)
        {
            step.Keep(line);
            display.Wrote(step, line);
        }
    }

    private void TakeStatus(JsonElement told)
    {
        var step = Step(told.GetProperty("vertex").GetString()!);
        var id = told.GetProperty("id").GetString()!;
        var status = step.Statuses.Find(known => known.Id == id);
        if (status is null)
            step.Statuses.Add(status = new(id));
        status.Current = told.GetProperty("current").GetInt64();
        status.Total = told.GetProperty("total").GetInt64();
        status.Started = Time(told, "started");
        status.Completed = Time(told, "completed");
        display.Moved(step, status);
    }

    private BuildStep Step(string digest)
    {
        if (_byDigest.TryGetValue(digest, out var step))
            return step;
        _byDigest[digest] = step = new(_steps.Count + 1);
        _steps.Add(step);
        return step;
    }

    private static DateTimeOffset? Time(JsonElement element, string name) => element.TryGetProperty(name, out var time) ? time.GetDateTimeOffset() : null;
}
