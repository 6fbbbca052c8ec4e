using Microsoft.Extensions.Logging;

namespace Gantry.Api.BuildKit.Transport;

/// <summary>Loggers that pass on warnings and errors alone: a build that fails is no news of the engine's, as the library has it.</summary>
internal sealed class WarningLoggers(ILoggerFactory inner) : ILoggerFactory
{
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("the engine's own loggers get what is logged");

    public ILogger CreateLogger(string categoryName) => new Warnings(inner.CreateLogger(categoryName));

    public void Dispose()
    {
        // The loggers are the engine's.
    }

    private sealed class Warnings(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
