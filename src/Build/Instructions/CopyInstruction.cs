namespace Gantry.Build;

/// <summary>COPY and ADD.</summary>
public sealed record CopyInstruction : Instruction
{
    /// <summary>ADD: sources may be URLs and archives.</summary>
    public required bool IsAdd { get; init; }

    /// <summary>In the order they were written, without here-documents.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    public IReadOnlyList<Heredoc> Heredocs { get; init; } = [];

    public required string Destination { get; init; }

    /// <summary>COPY: a stage, an image or a named context; null: the build context.</summary>
    public string? From { get; init; }

    public string? Owner { get; init; }

    public string? Mode { get; init; }

    public bool Link { get; init; }

    public bool Parents { get; init; }

    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>ADD.</summary>
    public string? Checksum { get; init; }

    /// <summary>ADD: null where the flag was not given.</summary>
    public bool? KeepGitDirectory { get; init; }

    /// <summary>ADD: null where the flag was not given.</summary>
    public bool? Unpack { get; init; }
}
