namespace Gantry.Client;

/// <summary>Which part of a log to read, and how.</summary>
public sealed record LogsQuery
{
    /// <summary>Go on until the container ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Only from this time on: seconds since 1970, with a fraction; null: from the start.</summary>
    public string? Since { get; init; }

    /// <summary>Only up to this time; null: to the end.</summary>
    public string? Until { get; init; }

    /// <summary>Only the last so many lines, or <c>all</c>.</summary>
    public string? Tail { get; init; }

    /// <summary>A time in front of each line.</summary>
    public bool Timestamps { get; init; }

    /// <summary>The attributes given to the log driver in front of each line.</summary>
    public bool Details { get; init; }
}
