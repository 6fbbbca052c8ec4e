using Gantry.Client;
using Gantry.Model;

namespace Gantry.Cli.Stats;

/// <summary>The newest figures of several containers, each followed by a thread of its own: the client's calls block.</summary>
internal sealed class StatsFeed(EngineClient client)
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];

    /// <summary>The newest figures, in the order in which the containers came.</summary>
    public IReadOnlyList<ContainerFigures> Figures
    {
        get
        {
            lock (_gate)
                return [.. _entries.Select(static entry => entry.Figures)];
        }
    }

    /// <summary>What went wrong with containers so far.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_gate)
                return [.. _entries.Select(static entry => entry.Error).OfType<string>()];
        }
    }

    /// <summary>Whether nobody is followed any more.</summary>
    public bool Ended
    {
        get
        {
            lock (_gate)
                return _entries.TrueForAll(static entry => entry.Ended);
        }
    }

    /// <summary>Takes one sample of each container, all at the same time.</summary>
    public void TakeOne(IReadOnlyList<string> containers)
    {
        var threads = containers.Select(container => Start(container, entry =>
        {
            using var sample = client.Containers.StatsNow(container);
            Set(entry, ContainerFigures.Of(container, sample.RootElement));
        })).ToList();
        foreach (var thread in threads)
            thread.Join();
    }

    /// <summary>Follows a container until it is removed; one that is followed already stays so.</summary>
    public void Follow(string container)
    {
        lock (_gate)
        {
            if (_entries.Exists(entry => entry.Container == container && !entry.Ended))
                return;
            _entries.RemoveAll(entry => entry.Container == container);
        }
        Start(container, entry =>
        {
            foreach (var sample in client.Containers.Stats(container))
                Set(entry, ContainerFigures.Of(container, sample));
        });
    }

    /// <summary>Shows a container no longer.</summary>
    public void Forget(string container)
    {
        lock (_gate)
            _entries.RemoveAll(entry => entry.Container == container);
    }

    private Thread Start(string container, Action<Entry> follow)
    {
        var entry = new Entry(container);
        lock (_gate)
            _entries.Add(entry);
        var thread = new Thread(() => Run(entry, follow)) { IsBackground = true, Name = "stats " + container };
        thread.Start();
        return thread;
    }

    private void Run(Entry entry, Action<Entry> follow)
    {
        string? error = null;
        try
        {
            follow(entry);
        }
        catch (Exception e) when (e is GantryException or IOException or System.Text.Json.JsonException)
        {
            error = e.Message;
        }
        lock (_gate)
        {
            entry.Error = error;
            entry.Ended = true;
            entry.Figures = error is null ? entry.Figures : ContainerFigures.None(entry.Container);
        }
    }

    private void Set(Entry entry, ContainerFigures figures)
    {
        lock (_gate)
            entry.Figures = figures;
    }

    private sealed class Entry(string container)
    {
        public string Container { get; } = container;

        public ContainerFigures Figures { get; set; } = ContainerFigures.None(container);

        public string? Error { get; set; }

        public bool Ended { get; set; }
    }
}
