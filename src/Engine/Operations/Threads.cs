namespace Gantry.Engine.Operations;

/// <summary>Long synchronous work (a copy by descriptors), off the thread pool: it may wait for a client or a disk.</summary>
internal static class Threads
{
    /// <summary>Runs work on a thread of its own.</summary>
    public static Task RunAsync(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <summary>The same, with a result.</summary>
    public static Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
