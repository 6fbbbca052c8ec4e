using Gantry.Model;

namespace Gantry.Build;

/// <summary>Does what vertices say; this room runs nothing itself.</summary>
public interface IStepRunner
{
    /// <summary>Whether no other build may wait for what this one runs, nor this one for another's.</summary>
    bool IsAlone => false;

    /// <summary>Makes a vertex's tree. Nothing is left of one that failed or was cancelled.</summary>
    /// <param name="inputs">The results of its inputs, in their order.</param>
    /// <param name="progress">Is told what the step writes, with <see cref="Vertex.Digest"/> as the vertex.</param>
    /// <exception cref="GantryException">The step failed.</exception>
    Task<StepResult> RunAsync(Vertex vertex, IReadOnlyList<StepResult> inputs, IBuildProgress progress, CancellationToken cancellationToken);

    /// <summary>The digest of some of a tree's files: names, types, modes, owners, link targets and data.</summary>
    /// <exception cref="GantryException">NotFound: a path without wildcards is not there.</exception>
    Task<Digest> DigestOfAsync(StepResult tree, ContentSelection selection, CancellationToken cancellationToken);

    /// <summary>The files that <see cref="DigestOfAsync"/> saw; null: it was not asked, or they are too many to be kept.</summary>
    IReadOnlyList<FileMark>? FilesOf(StepResult tree, ContentSelection selection) => null;
}
