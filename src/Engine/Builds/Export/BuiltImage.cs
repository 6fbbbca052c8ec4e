using Gantry.Build;
using Gantry.Model.Images;

namespace Gantry.Engine.Builds;

/// <summary>A result for one platform.</summary>
internal sealed record BuiltImage
{
    /// <summary>What it is for, as in <c>linux/amd64</c>.</summary>
    public required string Platform { get; init; }

    public required CompiledBuild Compiled { get; init; }

    /// <summary>Its files: a stack of layers.</summary>
    public required BuildTree Tree { get; init; }

    /// <summary>With the layers that were made.</summary>
    public required ImageConfiguration Configuration { get; init; }

    /// <summary>What is said of it.</summary>
    public IReadOnlyList<Predicate> Predicates { get; init; } = [];

    /// <summary>What a directory of its files is called among those of other platforms.</summary>
    public string FolderName => Platform.Replace('/', '_');
}
