using System.Collections.Concurrent;
using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Does what the vertices of one build say.</summary>
internal sealed class StepRunner(BuildTrees trees, TreeDigest digests, BuildImages images, BuildContexts contexts, FileStepRunner files, ExecStepRunner execs, SourceFetch fetch) : IStepRunner
{
    private readonly ConcurrentDictionary<(string Tree, string Selection), IReadOnlyList<FileMark>> _files = new();

    /// <inheritdoc/>
    public bool IsAlone { get; init; }

    /// <inheritdoc/>
    public async Task<StepResult> RunAsync(Vertex vertex, IReadOnlyList<StepResult> inputs, IBuildProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            return vertex switch
            {
                ImageSource image => await images.GetLayersAsync(image, progress, cancellationToken),
                LocalContext context => await contexts.ReceiveAsync(context, progress, cancellationToken),
                HttpSource or GitSource => await fetch.GetAsync(vertex, progress, cancellationToken),
                FileStep file => await files.RunAsync(file, inputs, cancellationToken),
                ExecStep exec => await execs.RunAsync(exec, inputs, progress, cancellationToken),
                MergeStep => Merge(inputs),
                _ => throw new InvalidOperationException($"{vertex.GetType().Name} is not known"),
            };
        }
        catch (Exception failure) when (failure is SyscallException or IOException or UnauthorizedAccessException)
        {
            throw GantryException.Of(ErrorKind.Internal, failure.Message, cause: failure);
        }
    }

    /// <inheritdoc/>
    public async Task<Digest> DigestOfAsync(StepResult tree, ContentSelection selection, CancellationToken cancellationToken)
    {
        var opened = BuildTree.Of(tree);
        try
        {
            return await Threads.RunAsync(() =>
            {
                using var root = trees.Open(opened);
                var seen = new SeenFiles();
                var digest = digests.Of(root, selection, opened.OwnedByRoot, seen, cancellationToken);
                if (seen.Marks is { } marks)
                    _files[(tree.Reference, selection.Id)] = marks;
                return digest;
            });
        }
        catch (GantryException failure) when (FailureCauses.Find<MissingFileException>(failure) is { } missing)
        {
            throw await contexts.FindMissingAsync(opened.Directory, missing, cancellationToken) ?? failure;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<FileMark>? FilesOf(StepResult tree, ContentSelection selection) => _files.GetValueOrDefault((tree.Reference, selection.Id));

    // Layers are directories of their own: laying them over others copies nothing.
    private static StepResult Merge(IReadOnlyList<StepResult> inputs)
    {
        var parts = inputs.Select(BuildTree.Of).ToList();
        if (parts.Exists(p => p.Directory is not null))
            throw new InvalidOperationException("only stacks of layers can be merged");
        return BuildTrees.ResultOf([.. parts.SelectMany(p => p.Layers)]);
    }
}
