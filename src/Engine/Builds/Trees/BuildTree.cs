using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Where the files of a step's result are: a stack of layers, or a directory.</summary>
internal sealed record BuildTree
{
    private const string DirectoryPrefix = "dir:";
    private const string OwnedPrefix = "own:";

    /// <summary>Diff ids, oldest first.</summary>
    public IReadOnlyList<Digest> Layers { get; init; } = [];

    /// <summary>Null: the tree is a stack of layers.</summary>
    public string? Directory { get; init; }

    /// <summary>The directory's owners mean nothing: its files belong to root, whoever has them here. So do a client's.</summary>
    public bool OwnedByRoot { get; init; }

    /// <summary>An empty tree.</summary>
    public static BuildTree Empty { get; } = new();

    /// <summary>The tree as <see cref="StepResult.Reference"/> has it.</summary>
    public string Reference => Directory is null ? string.Join(',', Layers) : (OwnedByRoot ? OwnedPrefix : DirectoryPrefix) + Directory;

    /// <summary>Reads <see cref="Reference"/> again.</summary>
    public static BuildTree Of(StepResult result)
    {
        if (result.Reference.StartsWith(DirectoryPrefix, StringComparison.Ordinal))
            return new() { Directory = result.Reference[DirectoryPrefix.Length..] };
        return result.Reference.StartsWith(OwnedPrefix, StringComparison.Ordinal)
            ? new() { Directory = result.Reference[OwnedPrefix.Length..], OwnedByRoot = true }
            : new() { Layers = [.. result.Reference.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Digest.Parse)] };
    }
}
