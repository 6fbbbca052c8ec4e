namespace Gantry.Engine.Logs;

/// <summary>One line of a container's log, or one piece of a line longer than 16 KiB.</summary>
public sealed record LogEntry
{
    /// <summary>When it was read from the container.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The time as the log has it, in RFC 3339 with up to nine decimals; what <c>timestamps</c> prints.</summary>
    public required string Timestamp { get; init; }

    /// <summary>Whether it came from standard error.</summary>
    public required bool IsStderr { get; init; }

    /// <summary>The bytes, with their newline; without one when the line goes on in the next entry, or never ended.</summary>
    public required ReadOnlyMemory<byte> Line { get; init; }

    /// <summary>The log options' labels and variables, as <c>details</c> prints them; null when there are none.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }
}
