using System.Globalization;
using System.Text;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Logs;
using Gantry.Engine.Logs.Drivers;
using Gantry.Engine.Stats;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Explain;

/// <summary>Says why a container is as it is: gathers the facts and applies the rules. Nothing of it changes anything.</summary>
internal sealed class ExplainContainer(EngineParts parts, ContainerStats stats)
{
    private const int LineCount = 50, LineLength = 400, MostKept = 64;

    private static readonly TimeSpan s_young = TimeSpan.FromSeconds(10);

    private readonly Lock _keeping = new();
    private readonly Dictionary<string, ContainerExplanation> _kept = [];
    private readonly Queue<string> _order = new();

    /// <exception cref="GantryException">NotFound: no such container, and none that was removed by itself a while ago.</exception>
    public async Task<ContainerExplanation> RunAsync(string name, CancellationToken requested)
    {
        if (parts.Containers.Find(name) is not { } container)
            return FindKept(name) ?? throw ContainerErrors.NotFound(name);
        // Held, so that it cannot be started while its files are looked at.
        using var passage = await container.Gate.EnterAsync(requested);
        return await ExplainHeldAsync(container, requested);
    }

    /// <summary>Keeps the explanation of a container that is about to be removed by itself, if it died young or never ran: whoever started it will ask. The caller holds the gate.</summary>
    public async Task KeepAsync(Container container, CancellationToken lifetime)
    {
        var run = container.Run;
        var young = run.Error.Length > 0 || (run is { StartedAt: { } from, FinishedAt: { } to } && to - from < s_young);
        if (!young || run.ExitCode == 0 || run.StoppedByHand)
            return;
        ContainerExplanation explanation;
        try
        {
            explanation = await ExplainHeldAsync(container, lifetime);
        }
        catch (Exception unseen) when (unseen is GantryException or IOException or SyscallException)
        {
            return; // its removal goes on, explained or not
        }

        lock (_keeping)
        {
            _kept[explanation.Id] = explanation;
            _order.Enqueue(explanation.Id);
            while (_order.Count > MostKept)
                _kept.Remove(_order.Dequeue());
        }
    }

    private ContainerExplanation? FindKept(string id)
    {
        lock (_keeping)
            return _kept.GetValueOrDefault(id);
    }

    private async Task<ContainerExplanation> ExplainHeldAsync(Container container, CancellationToken requested)
    {
        var record = container.Record;
        var alive = ContainerStatus.HasProcess(record.Run.Status);
        // Only the reasons of a failed start are looked for in the files: the end of a run need not mount them.
        using var files = record.Run.Error.Length > 0 ? OpenFiles(container) : null;
        var facts = new ContainerFacts
        {
            Record = record,
            LastLines = await LastLinesAsync(container, requested),
            Files = files,
            Listeners = alive && record.Run.Pid > 0 ? Listeners(record.Run.Pid) : null,
            Processes = alive ? (await stats.SampleAsync(container, oneShot: true, requested)).Pids?.Current : null,
        };
        return new()
        {
            Id = record.Id.ToString(),
            Name = record.Name,
            Image = facts.Image,
            Status = record.Run.Status,
            Summary = Summary(facts, parts.Time.GetUtcNow()),
            Findings = ExplainRules.Apply(facts),
            LastLines = facts.LastLines,
        };
    }

    private ContainerFiles? OpenFiles(Container container)
    {
        try
        {
            return parts.Snapshots.Find(container.Id.ToString()) is { } snapshot ? new ContainerFiles(RootfsView.Open(snapshot)) : null;
        }
        catch (GantryException)
        {
            return null; // what can be said without them is said
        }
    }

    private async Task<IReadOnlyList<string>> LastLinesAsync(Container container, CancellationToken requested)
    {
        var record = container.Record;
        if (!LogDriver.IsReadable(record.HostConfig.LogConfig))
            return [];
        var lines = new List<string>();
        try
        {
            await foreach (var entry in ContainerLogReader.ReadAsync(LogDriver.FileOf(parts.Paths, record), new LogQuery { Tail = LineCount }, requested))
                lines.Add(Printable(entry.Line.Span));
        }
        catch (GantryException)
        {
            // A damaged log tells nothing.
        }

        return lines;
    }

    // It comes from the container: no escape sequence of its makers reaches a terminal.
    private static string Printable(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd("\r\n"u8);
        var text = Encoding.UTF8.GetString(line[..Math.Min(line.Length, LineLength)]);
        return string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                to[i] = char.IsControl(from[i]) && from[i] != '\t' ? '?' : from[i];
        });
    }

    private static List<Listener>? Listeners(int pid)
    {
        var found = new List<Listener>();
        try
        {
            foreach (var protocol in (ReadOnlySpan<string>)["tcp", "udp"])
            {
                foreach (var version in (ReadOnlySpan<string>)["", "6"])
                {
                    var table = $"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/net/{protocol}{version}";
                    if (File.Exists(table))
                        found.AddRange(Listener.Parse(protocol, File.ReadAllText(table)));
                }
            }

            return found;
        }
        catch (IOException)
        {
            return null; // its process has ended just now
        }
    }

    private static string Summary(ContainerFacts facts, DateTimeOffset now)
    {
        var run = facts.Run;
        return run.Status switch
        {
            _ when run.Error.Length > 0 => "could not be started",
            ContainerStatus.Created => "has not been started",
            ContainerStatus.Running => $"has been running for {Words(now - run.StartedAt)}",
            ContainerStatus.Paused => "is paused",
            ContainerStatus.Restarting => $"ended with exit code {run.ExitCode}{After(facts)}, and will be started again",
            _ => $"ended with exit code {run.ExitCode}{After(facts)}, {Words(now - run.FinishedAt)} ago",
        };
    }

    private static string After(ContainerFacts facts) => facts.Ran switch
    {
        null => "",
        { TotalSeconds: < 10 } ran => $" after {ran.TotalSeconds.ToString("0.##", CultureInfo.InvariantCulture)} seconds",
        { } ran => $" after {Words(ran)}",
    };

    private static string Words(TimeSpan? length)
    {
        var text = StatusText.Duration(length);
        return char.ToLowerInvariant(text[0]) + text[1..];
    }
}
