namespace Gantry.Build;

/// <summary>Makes a directory and its parents where they are missing: WORKDIR.</summary>
public sealed record MakeDirectoryAction : FileAction
{
    /// <summary>Absolute.</summary>
    public required string Path { get; init; }

    /// <summary>Permission bits.</summary>
    public int Mode { get; init; } = 0x1ED;

    /// <summary><c>user[:group]</c>, names or numbers; null: 0:0.</summary>
    public string? Owner { get; init; }

    internal override IEnumerable<(string Name, string Value)> Traits() => [("directory", Path), ("owner", Owner ?? "root")];

    internal override void Describe(KeyWriter key) => key.Add("mkdir").Add(Path).Add(Mode).Add(Owner);
}
