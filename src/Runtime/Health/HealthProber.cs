using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Runtime.Monitor;

namespace Gantry.Runtime.Health;

/// <summary>
/// Probes a container's health on its monitor's loop, one probe at a time. It lives in the monitor so that it costs the
/// engine nothing but the results, and goes on while there is no engine.
/// </summary>
internal sealed class HealthProber(EpollLoop loop, TimeProvider time, MonitorHealthSpec spec, DateTimeOffset startedAt)
{
    private const int NotRun = -1;

    // The collector by itself waits until a cache of the processor is full of garbage: some megabytes, in each monitor.
    private const int CollectEvery = 8;

    private readonly HealthMachine _machine = new(spec, startedAt);
    private EpollTimer? _timer;
    private RunningProbe? _probe;
    private int _ended;

    /// <summary>Runs a probe's process.</summary>
    public required Func<MonitorExecRequest, IOutputSink, Action<int>, ExecProcess> Launch { get; init; }

    /// <summary>Told when a probe begins.</summary>
    public required Action<string> Started { get; init; }

    /// <summary>Told when a probe has ended.</summary>
    public required Action<MonitorProbeEnd> Ended { get; init; }

    /// <summary>What is known of the health.</summary>
    public MonitorHealth Health => _machine.Health;

    /// <summary>Begins to probe, or goes on: the first probe comes after a whole wait.</summary>
    public void Resume()
    {
        _timer?.Cancel();
        _timer = loop.Schedule(Milliseconds(_machine.WaitFrom(time.GetUtcNow())), Probe);
    }

    /// <summary>Stops probing: the container was paused, or has ended. A probe that runs is killed and does not count.</summary>
    public void Pause()
    {
        _timer?.Cancel();
        _timer = null;
        if (_probe is not { } probe)
            return;
        _probe = null;
        probe.Limit?.Cancel();
        Kill(probe);
    }

    private void Probe()
    {
        var probe = new RunningProbe(ContainerId.New().ToString(), time.GetUtcNow());
        _probe = probe;
        Started(probe.ExecId);
        try
        {
            probe.Process = Launch(new MonitorExecRequest { ExecId = probe.ExecId, Process = spec.Process }, probe.Output, exitCode => OnEnded(probe, exitCode));
        }
        catch (Exception error) when (error is GantryException or SyscallException)
        {
            Conclude(probe, null, NotRun, error.Message);
            return;
        }
        probe.Limit = loop.Schedule(Milliseconds(spec.Timeout), () =>
        {
            probe.TookTooLong = true;
            Kill(probe);
        });
    }

    private void OnEnded(RunningProbe probe, int exitCode)
    {
        if (!ReferenceEquals(probe, _probe))
            return;
        probe.Limit?.Cancel();
        var output = probe.Output.ToString();
        if (probe.TookTooLong)
            output = $"Health check exceeded timeout ({GoDuration.Format(spec.Timeout)})" + (output.Length > 0 ? $": {output}" : "");
        Conclude(probe, exitCode, probe.TookTooLong ? NotRun : exitCode, output);
    }

    private void Conclude(RunningProbe probe, int? processExit, int exitCode, string output)
    {
        _probe = null;
        Ended(new MonitorProbeEnd(probe.ExecId, processExit, _machine.Take(new MonitorProbe(probe.Start, time.GetUtcNow(), exitCode, output))));
        if (++_ended % CollectEvery == 0)
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        Resume();
    }

    private static void Kill(RunningProbe probe)
    {
        if (probe.Process?.Process is { } process)
            _ = Processes.TrySignal(process.PidFd, Processes.SIGKILL);
    }

    private static int Milliseconds(TimeSpan wait) => (int)Math.Clamp(wait.TotalMilliseconds, 1, int.MaxValue);

    private sealed class RunningProbe(string execId, DateTimeOffset start)
    {
        public string ExecId { get; } = execId;

        public DateTimeOffset Start { get; } = start;

        public ProbeOutput Output { get; } = new();

        public ExecProcess? Process { get; set; }

        public EpollTimer? Limit { get; set; }

        public bool TookTooLong { get; set; }
    }
}
