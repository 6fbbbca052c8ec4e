using System.Collections.Concurrent;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Network.Namespaces;

/// <summary>
/// A thread that stands in one network namespace and does blocking kernel work there, one job at a time. Sockets, sysctls
/// and libnftables follow the namespace of the thread that opens them, so such work never runs on the pool.
/// </summary>
internal sealed class NetworkThread : IDisposable
{
    private readonly BlockingCollection<Action> _jobs = [];
    private readonly Thread _thread;

    /// <param name="name">The thread's name.</param>
    /// <param name="netns">The namespace to stand in; null is the process's.</param>
    public NetworkThread(string name, Fd? netns)
    {
        _thread = new Thread(() =>
        {
            Exception? failure = null;
            try
            {
                Enter(netns);
            }
            catch (SyscallException cannot)
            {
                failure = cannot;
            }

            Failure = failure;
            foreach (var job in _jobs.GetConsumingEnumerable())
                job();
        })
        { IsBackground = true, Name = name };
        _thread.Start();
    }

    private Exception? Failure { get; set; }

    /// <summary>Runs a job on this thread, after those already given to it.</summary>
    public Task<T> RunAsync<T>(Func<T> job)
    {
        var source = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _jobs.Add(() => Complete(source, job, Failure));
        return source.Task;
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Action job) => RunAsync(() =>
    {
        job();
        return true;
    });

    /// <summary>Runs one job on a thread of its own that then ends; the job may change the thread's namespaces.</summary>
    public static Task<T> OnceAsync<T>(string name, Fd? netns, Func<T> job)
    {
        var source = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Complete(source, () =>
        {
            Enter(netns);
            return job();
        }, null))
        { IsBackground = true, Name = name }.Start();
        return source.Task;
    }

    /// <summary>Lets the thread end after the jobs it was given.</summary>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
        _jobs.Dispose();
    }

    private static void Enter(Fd? netns)
    {
        if (netns is not null)
            Kernel.Sys.Namespaces.Enter(netns, Kernel.Sys.Namespaces.CLONE_NEWNET);
    }

    private static void Complete<T>(TaskCompletionSource<T> source, Func<T> job, Exception? failure)
    {
        try
        {
            if (failure is null)
                source.SetResult(job());
            else
                source.SetException(failure);
        }
#pragma warning disable CA1031 // Everything goes to whoever awaits the job.
        catch (Exception error)
        {
            source.TrySetException(error);
        }
#pragma warning restore CA1031
    }
}
