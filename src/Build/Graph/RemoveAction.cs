namespace Gantry.Build;

/// <summary>Removes a file or a directory with all that is in it.</summary>
public sealed record RemoveAction : FileAction
{
    /// <summary>Absolute.</summary>
    public required string Path { get; init; }

    /// <summary>It need not be there.</summary>
    public bool MayBeMissing { get; init; }

    internal override IEnumerable<(string Name, string Value)> Traits() => [("removed path", Path)];

    internal override void Describe(KeyWriter key) => key.Add("rm").Add(Path).Add(MayBeMissing);
}
