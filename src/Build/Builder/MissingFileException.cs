namespace Gantry.Build;

/// <summary>A file that a step names is not where it looks: the cause of the <see cref="Model.GantryException"/> that says so.</summary>
/// <param name="path">From the root of where it was looked for, without a slash before it.</param>
public sealed class MissingFileException(string path) : Exception($"\"/{path}\": not found")
{
    public string Path { get; } = path;

    /// <summary>What may have been meant, in words; empty: nothing comes close.</summary>
    public string Hint { get; init; } = "";

    /// <summary>It was looked for in the build's context, and not in a stage or an image.</summary>
    public bool IsOfContext { get; init; }

    /// <summary>The failure that says it.</summary>
    public Model.GantryException ToFailure() => Model.GantryException.Of(Model.ErrorKind.NotFound, Message + (Hint.Length > 0 ? $" ({Hint})" : ""), cause: this);
}
