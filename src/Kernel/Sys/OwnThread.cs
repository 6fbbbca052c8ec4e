using System.Runtime.ExceptionServices;

namespace Gantry.Kernel.Sys;

/// <summary>Runs code that changes what belongs to a thread (working directory, namespaces) on one that then ends.</summary>
internal static class OwnThread
{
    /// <summary>Runs it and waits for its result.</summary>
    public static T Run<T>(string name, Func<T> code)
    {
        var result = default(T);
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = code();
            }
            catch (Exception refused) when (refused is not OutOfMemoryException)
            {
                failure = refused;
            }
        }, 256 * 1024) { Name = name, IsBackground = true };
        thread.Start();
        thread.Join();
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        return result!;
    }
}
