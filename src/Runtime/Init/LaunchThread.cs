using System.Runtime.ExceptionServices;
using NS = Gantry.Kernel.Sys.Namespaces;

namespace Gantry.Runtime.Init;

/// <summary>A thread for calls that change the calling thread's namespaces or working directory; it ends with the work.</summary>
internal static class LaunchThread
{
    /// <summary>Runs work on a thread of its own and waits for it.</summary>
    public static void Run(Action work)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                NS.Unshare(NS.CLONE_FS);
                work();
            }
#pragma warning disable CA1031 // Not swallowed: thrown again on the thread that waits.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true,
            Name = "launch",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
