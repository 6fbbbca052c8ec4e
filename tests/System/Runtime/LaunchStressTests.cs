using Gantry.Kernel.Sys;
using Gantry.Runtime;
using Xunit;

namespace Gantry.Tests.System.Runtime;

/// <summary>Launches while the collector runs all the time: the way in which naive forks of a managed process hang.</summary>
[Collection(Alone.Name)]
public sealed class LaunchStressTests : IDisposable
{
    private const int Launches = 500;
    private const int Spawners = 4;
    private readonly Bundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void FiveHundredLaunchesUnderForcedCollection()
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                _ = new byte[10_000];
                GC.Collect();
                // Else it is a matter of luck whether those that were stopped get to run before the next: on some machines they hardly ever do.
                Thread.Sleep(1);
            }
        });
        var config = Bundle.Shell("") with { Process = Bundle.Shell("").Process! with { Args = ["/bin/true"] } };
        // What the first one of a process opens for good is no leak.
        using (var first = ContainerLauncher.Create(_bundle.Request(config)))
        {
            first.Start();
            Assert.Equal(0, Processes.Wait(first.PidFd).Status);
        }

        var descriptors = Directory.GetFiles("/proc/self/fd").Length;
        var statuses = new int[Launches];
        var next = -1;
        var threads = Enumerable.Range(0, Spawners).Select(_ => new Thread(() =>
        {
            for (var i = Interlocked.Increment(ref next); i < Launches; i = Interlocked.Increment(ref next))
            {
                using var process = ContainerLauncher.Create(_bundle.Request(config));
                process.Start();
                var ended = Processes.WaitForEnd(process.PidFd, 30_000);
                if (!ended) Processes.TrySignal(process.PidFd, Processes.SIGKILL);
                var status = Processes.Wait(process.PidFd).Status;
                statuses[i] = ended ? status : -1;
            }
        })).ToList();
        collector.Start();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        stop.Cancel();
        collector.Join();
        Assert.All(statuses, status => Assert.Equal(0, status));
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, descriptors + 5);
    }
}
