namespace Gantry.Engine.Operations;

/// <summary>Goes on trying what the kernel does not let go of at once, such as a process that waits for a disk.</summary>
internal static class Retry
{
    private const int Attempts = 60;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    /// <summary>Tries again after each pause, for two minutes.</summary>
    /// <param name="attempt">True: there is nothing left to try.</param>
    public static async Task LaterAsync(TimeProvider time, Func<Task<bool>> attempt, CancellationToken lifetime)
    {
        for (var i = 0; i < Attempts; i++)
        {
            await Task.Delay(s_pause, time, lifetime);
            if (await attempt())
                return;
        }
    }
}
