namespace Gantry.Build;

/// <summary>Copies files of an input: COPY and ADD.</summary>
public sealed record CopyAction : FileAction
{
    /// <summary>The input's place in the step's list.</summary>
    public required int From { get; init; }

    /// <summary>Paths from the input's root.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Absolute; ends in a slash where it must be a directory.</summary>
    public required string Destination { get; init; }

    /// <summary>Patterns of what is left out, from each directory that is copied.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary><c>user[:group]</c>, names or numbers; null: 0:0.</summary>
    public string? Owner { get; init; }

    /// <summary>Octal or symbolic mode; null: as in the source.</summary>
    public string? Mode { get; init; }

    /// <summary>Keep the sources' parent directories.</summary>
    public bool Parents { get; init; }

    /// <summary>Unpack sources that are archives.</summary>
    public bool Unpack { get; init; }

    /// <summary>Whether <c>*</c>, <c>?</c> and <c>[</c> in sources are wildcards.</summary>
    public bool HasWildcards { get; init; }

    internal override IEnumerable<(string Name, string Value)> Traits() =>
    [
        ("source", string.Join(' ', Sources)),
        ("destination", Destination),
        ("owner", Owner ?? "root"),
        ("mode", Mode ?? "as in the source"),
        ("patterns of --exclude", string.Join(' ', Excludes)),
        ("parents", Parents ? "kept" : "left out"),
        ("archives", Unpack ? "unpacked" : "copied"),
    ];

    internal override void Describe(KeyWriter key) =>
        key.Add("copy").Add(From).Add(Sources).Add(Destination).Add(Excludes).Add(Owner).Add(Mode).Add(Parents).Add(Unpack).Add(HasWildcards);
}
