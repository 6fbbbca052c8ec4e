using System.Collections.Concurrent;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Reactor;

#pragma warning disable CA1001 // lives as long as the process: nobody could dispose of it
/// <summary>Readiness of descriptors as tasks: for what the platform's sockets do not know (pidfds, inotify). One thread per process.</summary>
public sealed class ReadinessThread
{
    private static readonly Lazy<ReadinessThread> Instance = new(() => new ReadinessThread());

    private readonly EpollLoop _loop = new();
    private readonly Fd _wake = Pipes.OpenEvent();
    private readonly ConcurrentQueue<Action> _posted = new();

    private ReadinessThread()
    {
        _loop.Add(_wake, Readiness.Readable, _ => RunPosted());
        new Thread(_loop.Run) { IsBackground = true, Name = "readiness" }.Start();
    }

    /// <summary>The process's thread, started when it is first asked for.</summary>
    public static ReadinessThread Shared => Instance.Value;

    /// <summary>Completes when the descriptor can be read. Keep it open until then.</summary>
    public Task WaitReadableAsync(Fd file, CancellationToken cancellationToken) => WaitAsync(file, Readiness.Readable, cancellationToken);

    /// <summary>Completes when the descriptor can be written. Keep it open until then.</summary>
    public Task WaitWritableAsync(Fd file, CancellationToken cancellationToken) => WaitAsync(file, Readiness.Writable, cancellationToken);

    private async Task WaitAsync(Fd file, Readiness interest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        EpollSource? source = null;
        Post(() =>
        {
            try
            {
                source = _loop.Add(file, interest, _ => Finish(null));
            }
            catch (Exception error) when (error is SyscallException or ObjectDisposedException)
            {
                done.TrySetException(error);
            }
        });
        await using var registration = cancellationToken.UnsafeRegister(_ => Post(() => Finish(new OperationCanceledException(cancellationToken))), null);
        await done.Task;

        // On the loop's thread only. The source is removed before anybody hears of it, so that the file may be closed then.
        void Finish(OperationCanceledException? canceled)
        {
            source?.Remove();
            if (canceled is null)
                done.TrySetResult();
            else
                done.TrySetCanceled(cancellationToken);
        }
    }

    private void Post(Action action)
    {
        _posted.Enqueue(action);
        Files.TryWrite(_wake, [1, 0, 0, 0, 0, 0, 0, 0]);
    }

    private void RunPosted()
    {
        Span<byte> count = stackalloc byte[8];
        Files.TryRead(_wake, count);
        while (_posted.TryDequeue(out var action))
            action();
    }
}
