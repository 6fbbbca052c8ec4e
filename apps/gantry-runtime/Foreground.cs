using System.Runtime.InteropServices;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Pty;
using Gantry.Kernel.Sys;
using Gantry.Runtime;

namespace Gantry.Apps.GantryRuntime;

/// <summary>Stands in for a container's process in the foreground: passes signals on, relays the terminal, takes over the exit code.</summary>
internal sealed class Foreground : IDisposable
{
    private const int SIGUSR1 = 10;
    private const int SIGUSR2 = 12;
    private readonly LaunchedProcess _process;
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly byte[]? _savedMode;

    public Foreground(LaunchedProcess process)
    {
        _process = process;
        foreach (var signal in (ReadOnlySpan<int>)[Processes.SIGHUP, Processes.SIGINT, Processes.SIGQUIT, Processes.SIGTERM, SIGUSR1, SIGUSR2])
        {
            var number = signal;
            _signals.Add(PosixSignalRegistration.Create((PosixSignal)number, context =>
            {
                context.Cancel = true;
                _ = Processes.TrySignal(_process.PidFd, number);
            }));
        }

        if (process.Terminal is null) return;
        _savedMode = PseudoTerminals.EnterRaw(0);
        Resize();
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Resize()));
    }

    /// <summary>Waits for the end; the process's exit status.</summary>
    public int Wait()
    {
        if (_process.Terminal is { } terminal)
        {
            var input = new Thread(() => Copy(new Fd(0), terminal)) { IsBackground = true, Name = "input" };
            input.Start();
            Copy(terminal, new Fd(1)); // Ends with EIO when the last holder of the other side is gone.
        }

        return Processes.Wait(_process.PidFd).Status;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        if (_savedMode is not null) PseudoTerminals.Restore(0, _savedMode);
    }

    private static void Copy(Fd from, Fd to)
    {
        var buffer = new byte[32 << 10];
        while (true)
        {
            var length = Files.TryRead(from, buffer);
            if (length <= 0) return;
            for (var rest = buffer.AsSpan(0, length); !rest.IsEmpty;)
            {
                var written = Files.TryWrite(to, rest);
                if (written <= 0) return;
                rest = rest[written..];
            }
        }
    }

    private void Resize()
    {
        if (_process.Terminal is { } terminal && PseudoTerminals.FindSize(0) is { } size) PseudoTerminals.SetSize(terminal, size.Height, size.Width);
    }
}
