using System.Runtime;
using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Runtime.Monitor;

/// <summary>The <c>monitor</c> verb of gantry-runtime: started by an engine, one process per container, outlives the engine.</summary>
/// <remarks>
/// <c>monitor</c>: serves the socket that it inherits as descriptor 3; descriptor 2 takes its complaints.
/// <c>monitor sweep DIR</c>: cleans up what a monitor that was killed left in its container's run-time directory.
/// A killed monitor does not take its container along by itself: PR_SET_PDEATHSIG is cleared by set-uid programs and by
/// changes of credentials, and would not reach processes outside of init's pid namespace. Instead the engine notices (its
/// connection ends, or nobody answers after a restart) and sweeps: init and everything in the control group is killed.
/// </remarks>
public static class MonitorProcess
{
    /// <summary>The descriptor that the engine hands over.</summary>
    public const int ControlFd = 3;

    private static readonly Fd Complaints = new(2);

    /// <summary>Runs the verb with the arguments behind it.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments)
    {
        try
        {
            if (arguments is ["sweep", var directory])
            {
                MonitorSweep.Run(directory, TimeProvider.System);
                return 0;
            }
            if (arguments.Count > 0 || !Files.IsInherited(ControlFd))
            {
                Report("usage: gantry-runtime monitor is started by the engine with a socket as descriptor 3; gantry-runtime monitor sweep DIR");
                return 2;
            }
            Serve();
            return 0;
        }
        catch (Exception error) when (error is GantryException or SyscallException or IOException)
        {
            Report(error.Message);
            return 1;
        }
    }

    /// <summary>Complains: one line to descriptor 2.</summary>
    internal static void Report(string sentence) => _ = Files.TryWrite(Complaints, Encoding.UTF8.GetBytes($"gantry-monitor: {sentence}\n"));

    private static void Serve()
    {
        Signals.NameProcess("gantry-monitor");
        // The heap is small, and a thread that collects in the background is not.
        GCSettings.LatencyMode = GCLatencyMode.Batch;
        // A session that ends takes its processes along by these; a monitor ends when its engine says so. Pipes fail with EPIPE.
        foreach (var signal in new[] { Processes.SIGHUP, Processes.SIGINT, Processes.SIGQUIT, Processes.SIGTERM, Processes.SIGPIPE })
            Signals.Ignore(signal);
        // Keep no mount busy.
        Environment.CurrentDirectory = "/";
        var control = new Fd(ControlFd);
        Files.SetCloseOnExec(ControlFd, true);
        using var server = new MonitorServer(TimeProvider.System, control);
        server.Run();
    }
}
