namespace Gantry.Build;

/// <summary>Writes a file: a heredoc of COPY or ADD.</summary>
public sealed record MakeFileAction : FileAction
{
    /// <summary>Absolute.</summary>
    public required string Path { get; init; }

    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Permission bits.</summary>
    public int Mode { get; init; } = 0x1A4;

    /// <summary><c>user[:group]</c>, names or numbers; null: 0:0.</summary>
    public string? Owner { get; init; }

    internal override IEnumerable<(string Name, string Value)> Traits() =>
        [("text of " + Path, System.Text.Encoding.UTF8.GetString(Content.Span)), ("mode of " + Path, Convert.ToString(Mode, 8)), ("owner of " + Path, Owner ?? "root")];

    internal override void Describe(KeyWriter key) => key.Add("mkfile").Add(Path).Add(Content.Span).Add(Mode).Add(Owner);
}
