namespace Gantry.Model.Monitor;

/// <summary>Where a container's output is kept, in Docker's json-file format, and where else it goes.</summary>
public sealed record MonitorLogOptions
{
    /// <summary>The newest file; rotated ones get <c>.1</c>, <c>.2</c> … behind the name, oldest last. Empty: no file is kept.</summary>
    public required string Path { get; init; }

    /// <summary>A file that has reached this size is rotated; 0: never.</summary>
    public long MaxSizeBytes { get; init; }

    /// <summary>How many files are kept, the newest included. With 1 a full file is emptied.</summary>
    public int MaxFiles { get; init; } = 1;

    /// <summary>Whether rotated files are compressed: they are <c>.1.gz</c>, <c>.2.gz</c> … then.</summary>
    public bool Compress { get; init; }

    /// <summary>Labels and variables that the log options ask for; written with each line as <c>attrs</c>.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>Where the output is sent besides; null: nowhere.</summary>
    public MonitorRemoteLog? Remote { get; init; }
}
