namespace Gantry.Cli.Flags;

/// <summary>One flag of a command: a row of the table that parsing, help and completion are made from.</summary>
internal sealed record Flag(string Name, FlagKind Kind, string Help, char Short = '\0', string Default = "")
{
    /// <summary>Whether help leaves it out.</summary>
    public bool Hidden { get; init; }

    /// <summary>The flag that this is another name of; null: it is its own.</summary>
    public string? AliasOf { get; init; }

    /// <summary>Checks a value and gives it the form that is kept; throws <see cref="FlagException"/> with the reason alone.</summary>
    public Func<string, string>? Normalize { get; init; }

    /// <summary>Whether a value is optional, as for a switch.</summary>
    public bool IsSwitch => Kind == FlagKind.Bool;

    /// <summary>Whether each occurrence adds a value.</summary>
    public bool Repeats => Kind is FlagKind.List or FlagKind.Map or FlagKind.Filter or FlagKind.Mount or FlagKind.Network or FlagKind.Ulimit or FlagKind.Strings or FlagKind.StringToString or FlagKind.GpuRequest;

    /// <summary>What help calls its value; empty for a switch.</summary>
    public string TypeName => Kind switch
    {
        FlagKind.Bool => "",
        FlagKind.Text => "string",
        FlagKind.Strings => "stringSlice",
        FlagKind.StringToString => "stringToString",
        FlagKind.GpuRequest => "gpu-request",
        _ => Kind.ToString().ToLowerInvariant(),
    };

    /// <summary>How error messages name it: <c>-e, --env</c>.</summary>
    public string Display => Short == '\0' ? $"--{Name}" : $"-{Short}, --{Name}";
}
