using Gantry.Model.Images;

namespace Gantry.Build;

/// <summary>A Dockerfile made into a graph, and what the image says of itself.</summary>
public sealed record CompiledBuild
{
    public required Dockerfile Dockerfile { get; init; }

    /// <summary>Whose tree is the image's; null: an empty one.</summary>
    public required Vertex? Target { get; init; }

    /// <summary>
    /// The image's configuration but for the layers: each history entry that is not empty stands for one layer of
    /// <see cref="Target"/>, base image's included, in order.
    /// </summary>
    public required ImageConfiguration Configuration { get; init; }

    /// <summary>What the image is for, as in <c>linux/amd64</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The time that the image and all files that the build made have: SOURCE_DATE_EPOCH, or that of the commit that the context is; null: neither is there.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>What linting found, in the order of the lines.</summary>
    public required IReadOnlyList<LintWarning> Warnings { get; init; }
}
