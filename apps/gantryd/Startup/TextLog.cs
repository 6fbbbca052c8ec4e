using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Gantry.Apps.Startup;

/// <summary>Logs to standard error, a line each: time, level, category, text; exceptions with their whole chain.</summary>
internal sealed class TextLog(LogLevel least, TimeProvider time) : ILoggerFactory
{
    private volatile int _least = (int)least;
    private readonly Lock _lock = new();
    private readonly Stream _output = Console.OpenStandardError();

    /// <summary>The least level that is logged; may change at any time.</summary>
    public LogLevel Least
    {
        get => (LogLevel)_least;
        set => _least = (int)value;
    }

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("there is one log, and it is this one");

    public void Dispose() => _output.Flush();

    /// <summary>dockerd's names of levels.</summary>
    public static LogLevel LevelOf(string name) => name switch
    {
        "debug" => LogLevel.Debug,
        "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "fatal" => LogLevel.Critical,
        _ => LogLevel.Information,
    };

    private void Write(LogLevel level, string category, string text, Exception? exception)
    {
        var now = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var line = $"{now} {Word(level)} {category}: {Escape(text)}{Chain(exception, level)}\n";
        lock (_lock)
        {
            try
            {
                _output.Write(System.Text.Encoding.UTF8.GetBytes(line));
            }
            catch (IOException)
            {
                // Whoever read the log is gone; the engine works without.
            }
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    private static string Chain(Exception? exception, LogLevel level)
    {
        if (exception is null)
            return string.Empty;
        // What we said ourselves is a sentence; what we did not foresee needs its stack.
        return exception is Model.GantryException && level < LogLevel.Error ? ": " + Escape(exception.Message) : ": " + exception.ToString().Replace("\n", "\n    ", StringComparison.Ordinal);
    }

    // Names and targets come from clients: a line must stay a line.
    private static string Escape(string text) =>
        text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 ? text : string.Concat(text.Select(static c => c < ' ' ? $"\\x{(int)c:x2}" : c.ToString()));

    private sealed class Category(TextLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= log.LeastOf(name);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Write(logLevel, name, formatter(state, exception), exception);
        }
    }

    // The web server's own life is of no interest below a warning.
    private LogLevel LeastOf(string category) => category.StartsWith("Microsoft.", StringComparison.Ordinal) && Least < LogLevel.Warning ? LogLevel.Warning : Least;
}
