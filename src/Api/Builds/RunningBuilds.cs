using System.Collections.Concurrent;

namespace Gantry.Api.Builds;

/// <summary>The builds that clients gave an id (<c>buildid</c>), so that <c>POST /build/cancel</c> finds them.</summary>
internal static class RunningBuilds
{
    private static readonly ConcurrentDictionary<(object Engine, string Id), CancellationTokenSource> s_builds = new();

    /// <summary>Makes a build known until the result is disposed; an empty id makes it known to nobody.</summary>
    /// <param name="engine">Whose build it is.</param>
    /// <param name="id">The client's; a later build of the same takes its place.</param>
    /// <param name="build">Is canceled on demand.</param>
    public static IDisposable Add(object engine, string id, CancellationTokenSource build)
    {
        if (id.Length > 0)
            s_builds[(engine, id)] = build;
        return new Entry((engine, id), build);
    }

    /// <summary>Cancels a build; one that is not running needs no canceling.</summary>
    public static async Task CancelAsync(object engine, string id)
    {
        if (!s_builds.TryGetValue((engine, id), out var build))
            return;
        try
        {
            await build.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It ended just now.
        }
    }

    private sealed class Entry((object, string) key, CancellationTokenSource build) : IDisposable
    {
        public void Dispose() => s_builds.TryRemove(new(key, build));
    }
}
