using System.Diagnostics;

namespace Gantry.Tests.Support;

/// <summary>Waits for what another process will bring about.</summary>
public static class Eventually
{
    /// <summary>Tries until an attempt returns something, for thirty seconds at most.</summary>
    /// <exception cref="TimeoutException">It never did; holds the last failure.</exception>
    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> attempt)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        Exception? last = null;
        while (clock.Elapsed < TimeSpan.FromSeconds(30))
        {
            try
            {
                if (await attempt() is { } found)
                    return found;
            }
            catch (Exception exception)
            {
                last = exception;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"{what}: not in thirty seconds", last);
    }

    /// <summary>Waits until a condition holds, for thirty seconds at most.</summary>
    public static Task HoldsAsync(string what, Func<Task<bool>> condition) =>
        GetAsync(what, async () => await condition() ? what : null);
}
