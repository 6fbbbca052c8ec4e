using Microsoft.Extensions.Logging;

namespace Gantry.Apps.Startup;

/// <summary>What gantryd itself logs. Event ids 9000 on.</summary>
internal static partial class DaemonLog
{
    [LoggerMessage(9001, LogLevel.Information, "gantryd {Version} listens on {Hosts}, keeps data in {DataRoot}, ready in {ElapsedMs} ms")]
    public static partial void Ready(ILogger logger, string version, string hosts, string dataRoot, long elapsedMs);

    [LoggerMessage(9002, LogLevel.Information, "{Signal}: the engine stops; containers go on")]
    public static partial void Stopping(ILogger logger, string signal);

    [LoggerMessage(9003, LogLevel.Information, "SIGHUP: the configuration was read again; what can change while the engine runs has changed")]
    public static partial void Reloaded(ILogger logger);

    [LoggerMessage(9006, LogLevel.Error, "SIGHUP: the configuration has problems, so nothing was changed: {Problems}")]
    public static partial void NotReloaded(ILogger logger, string problems);

    [LoggerMessage(9004, LogLevel.Critical, "the engine cannot go on")]
    public static partial void Died(ILogger logger, Exception exception);

    [LoggerMessage(9005, LogLevel.Warning, "the image {Image} could not be made available")]
    public static partial void NoBuiltInImage(ILogger logger, Exception exception, string image);
}
