namespace Gantry.Apps.Options;

/// <summary>One option, declared once: its flag, its key in <c>daemon.json</c>, its help, and what it does.</summary>
internal sealed record Option
{
    /// <summary>The flag without dashes; dockerd's name where dockerd has it.</summary>
    public required string Flag { get; init; }

    public char? Short { get; init; }

    /// <summary>The key in daemon.json; null: the flag's name; empty: the file cannot set it.</summary>
    public string? Key { get; init; }

    public OptionKind Kind { get; init; }

    /// <summary>Shown by --help.</summary>
    public string Default { get; init; } = "";

    public required string Help { get; init; }

    /// <summary>Sets the option. The values have been checked against the kind; it throws a <see cref="FormatException"/> with a reason for others.</summary>
    public Func<DaemonOptions, IReadOnlyList<string>, DaemonOptions>? Apply { get; init; }

    /// <summary>For options of dockerd that Gantry does not have: the only values that are accepted (what Gantry does anyway); then <see cref="Help"/> is the reason.</summary>
    public IReadOnlyList<string>? OnlyValues { get; init; }

    public string FileKey => Key ?? Flag;
}
