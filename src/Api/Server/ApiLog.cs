using Microsoft.Extensions.Logging;

namespace Gantry.Api.Server;

/// <summary>What the API logs. Event ids 8000 on.</summary>
internal static partial class ApiLog
{
    [LoggerMessage(8001, LogLevel.Error, "{Method} {Target} failed with status {Status}")]
    public static partial void Failed(ILogger logger, Exception exception, string method, string target, int status);

    [LoggerMessage(8002, LogLevel.Debug, "{Method} {Target}: {Status} {Reason}")]
    public static partial void Refused(ILogger logger, string method, string target, int status, string reason);

    [LoggerMessage(8003, LogLevel.Debug, "{Method} {Target}: {Status} in {ElapsedMs} ms")]
    public static partial void Answered(ILogger logger, string method, string target, int status, double elapsedMs);

    [LoggerMessage(8004, LogLevel.Warning, "{Method} {Target} failed after its answer had begun")]
    public static partial void Broken(ILogger logger, Exception exception, string method, string target);

    [LoggerMessage(8005, LogLevel.Debug, "Done: {Method} {Route} for {Client}")]
    public static partial void Done(ILogger logger, string method, string route, string client);
}
