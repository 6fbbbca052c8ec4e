using Microsoft.Extensions.Logging;

namespace Gantry.Engine.Operations;

/// <summary>What the engine logs.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(6001, LogLevel.Error, "{Work} failed")]
    public static partial void BackgroundFailed(this ILogger logger, string work, Exception failure);

    [LoggerMessage(6002, LogLevel.Warning, "undoing {Step} failed; the next start of the engine tries again")]
    public static partial void UndoFailed(this ILogger logger, string step, Exception failure);

    [LoggerMessage(6003, LogLevel.Information, "container {ContainerId} started: pid {Pid}, {ElapsedMs} ms")]
    public static partial void Started(this ILogger logger, string containerId, int pid, double elapsedMs);

    [LoggerMessage(6004, LogLevel.Information, "container {ContainerId} ended: exit code {ExitCode}")]
    public static partial void Ended(this ILogger logger, string containerId, int exitCode);

    [LoggerMessage(6005, LogLevel.Information, "container {ContainerId} removed")]
    public static partial void Removed(this ILogger logger, string containerId);

    [LoggerMessage(6006, LogLevel.Information, "engine opened on {DataRoot}: {Containers} containers, {Running} running, {ElapsedMs} ms")]
    public static partial void Opened(this ILogger logger, string dataRoot, int containers, int running, double elapsedMs);

    [LoggerMessage(6007, LogLevel.Warning, "container {ContainerId} could not be restarted: {Reason}")]
    public static partial void RestartFailed(this ILogger logger, string containerId, string reason);

    [LoggerMessage(6008, LogLevel.Warning, "freed what belonged to nobody: {What}")]
    public static partial void Freed(this ILogger logger, string what);

    [LoggerMessage(6009, LogLevel.Warning, "{Sentence}")]
    public static partial void Notice(this ILogger logger, string sentence);

    [LoggerMessage(6010, LogLevel.Debug, "container {ContainerId}: {Step}, {ElapsedMs} ms since the request")]
    public static partial void Step(this ILogger logger, string containerId, string step, double elapsedMs);

    [LoggerMessage(6011, LogLevel.Information, "container {ContainerId} is killed at once: its first process neither catches nor blocks signal {Signal}, so the kernel drops it and waiting would not help")]
    public static partial void CannotHear(this ILogger logger, string containerId, int signal);

    [LoggerMessage(6012, LogLevel.Error, "container {ContainerId} could not be taken over from the earlier engine: {Reason}")]
    public static partial void NotReconciled(this ILogger logger, string containerId, string reason);

    [LoggerMessage(6013, LogLevel.Warning, "the {What} of nobody cannot be freed now: {Reason}")]
    public static partial void NotFreed(this ILogger logger, string what, string reason);
}
