namespace Gantry.Engine.Builds;

/// <summary>The same work for several things at once, as for the platforms of a build.</summary>
internal static class SideBySide
{
    /// <summary>Does it for all. The first failure stops the rest, and is the one that is told; nothing goes on after that.</summary>
    /// <returns>The results, in the order of <paramref name="items"/>.</returns>
    public static async Task<IReadOnlyList<TResult>> RunAsync<T, TResult>(IReadOnlyList<T> items, Func<T, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        if (items is [var only])
            return [await work(only, cancellationToken)];
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = items.Select(item => work(item, all.Token)).ToList();
        try
        {
            var waiting = running.ToHashSet();
            while (waiting.Count > 0)
            {
                var ended = await Task.WhenAny(waiting);
                waiting.Remove(ended);
                await ended;
            }

            return await Task.WhenAll(running);
        }
        catch
        {
            await all.CancelAsync();
            await ((Task)Task.WhenAll(running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }
}
