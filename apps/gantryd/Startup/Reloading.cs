using Gantry.Apps.Options;
using Gantry.Engine;

namespace Gantry.Apps.Startup;

/// <summary>Reads the configuration again when SIGHUP comes, and takes over what may change while the engine runs.</summary>
/// <param name="read">Reads flags and file as at the start.</param>
/// <param name="engine">Which takes them over.</param>
/// <param name="log">Whose level is one of them.</param>
internal sealed class Reloading(Func<(DaemonOptions Options, IReadOnlyList<string> Problems)> read, GantryEngine engine, TextLog log)
{
    private readonly Lock _lock = new();

    /// <summary>Does it; a configuration with a problem changes nothing.</summary>
    public void Run()
    {
        var logger = log.CreateLogger("gantryd");
        lock (_lock)
        {
            var (options, problems) = read();
            if (problems.Count > 0)
            {
                DaemonLog.NotReloaded(logger, string.Join("; ", problems));
                return;
            }

            log.Least = TextLog.LevelOf(options.LogLevel);
            engine.Reload(options.Engine);
            DaemonLog.Reloaded(logger);
        }
    }
}
