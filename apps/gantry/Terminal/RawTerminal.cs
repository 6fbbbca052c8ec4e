using System.Runtime.InteropServices;
using Gantry.Kernel.Sys;

namespace Gantry.Cli.Terminal;

/// <summary>The terminal in raw mode for as long as this lives; given back its mode whatever happens.</summary>
internal sealed class RawTerminal : IDisposable
{
    private static readonly PosixSignal[] Deadly = [PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGINT, PosixSignal.SIGQUIT];

    private readonly TerminalMode _before;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private bool _restored;

    private RawTerminal(TerminalMode before) => _before = before;

    /// <summary>Makes standard input's terminal raw; null when it is none.</summary>
    public static RawTerminal? Enter()
    {
        if (!Terminals.IsTerminal(0))
            return null;
        var raw = new RawTerminal(Terminals.MakeRaw(0));
        // Keys make no signals in raw mode, but other programs may send them: the shell must get its terminal back as it was.
        foreach (var signal in Deadly)
            raw._registrations.Add(PosixSignalRegistration.Create(signal, raw.Die));
        return raw;
    }

    public void Dispose()
    {
        Restore();
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void Die(PosixSignalContext context)
    {
        Restore();
        Environment.Exit(128 + context.Signal switch { PosixSignal.SIGHUP => 1, PosixSignal.SIGINT => 2, PosixSignal.SIGQUIT => 3, _ => 15 });
    }

    private void Restore()
    {
        if (_restored)
            return;
        _restored = true;
        try
        {
            Terminals.Restore(0, _before);
        }
        catch (SyscallException)
        {
            // The terminal is gone (its window was closed): nothing to give back.
        }
    }
}
