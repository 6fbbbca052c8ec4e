using Gantry.Engine.Operations;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Composition;

/// <summary>What an earlier engine left behind and no container owns: snapshots, run-time files with what still runs, directories.</summary>
internal sealed class Orphans(EngineParts parts)
{
    /// <summary>Frees all of it. What does not let itself be freed now is logged, and tried again in the background: it is no reason to be without an engine.</summary>
    public async Task FreeAsync(CancellationToken lifetime)
    {
        // First what still runs: it writes to the snapshots.
        foreach (var name in NamesIn(Path.Combine(parts.Options.ExecRoot, "containers")))
        {
            var id = ContainerId.Parse(name);
            await FreeAsync($"run-time files of container {id.Short}", () => EndAsync(id, lifetime));
        }

        var snapshots = parts.Snapshots.Keys().Where(IsOrphan).ToList();
        foreach (var key in snapshots)
        {
            await FreeAsync($"snapshot {key}", () =>
            {
                parts.Snapshots.Remove(key);
                return Task.CompletedTask;
            });
        }

        // Layers that only these were on, as a build leaves them that was cut off.
        if (snapshots.Count > 0)
            await FreeAsync("layers of these snapshots", () => Threads.RunAsync(parts.Collector.Collect));

        foreach (var name in NamesIn(parts.Paths.Containers))
        {
            await FreeAsync($"files of container {name[..12]}", () =>
            {
                Directory.Delete(Path.Combine(parts.Paths.Containers, name), recursive: true);
                return Task.CompletedTask;
            });
        }
    }

    private async Task FreeAsync(string what, Func<Task> free)
    {
        if (!await TryAsync(what, free))
            _ = parts.Background.Start($"free the {what}", lifetime => Retry.LaterAsync(parts.Time, () => TryAsync(what, free), lifetime));
    }

    private async Task<bool> TryAsync(string what, Func<Task> free)
    {
        try
        {
            await free();
            parts.Logger.Freed(what);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true; // gone already
        }
        catch (Exception failure) when (failure is GantryException or SyscallException or IOException or UnauthorizedAccessException)
        {
            parts.Logger.NotFreed(what, failure.Message);
            return false;
        }
    }

    private async Task EndAsync(ContainerId id, CancellationToken lifetime)
    {
        await using var monitor = await parts.Monitors.ReconnectAsync(id, lifetime);
        if (monitor is not null)
            await monitor.CloseAsync(lifetime);
        else
            await parts.Monitors.SweepAsync(id, lifetime);
        parts.Monitors.RemoveDirectory(id);
    }

    private List<string> NamesIn(string directory) =>
        Directory.Exists(directory) ? [.. Directory.EnumerateDirectories(directory).Select(Path.GetFileName).OfType<string>().Where(IsOrphan)] : [];

    /// <summary>Only what is named as we name it: a foreign file in our directories stays.</summary>
    private bool IsOrphan(string name) => ContainerId.TryParse(name, out var id) && parts.Containers.Find(id) is null;
}
