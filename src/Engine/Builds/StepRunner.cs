using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Does what the vertices of one build say.</summary>
internal sealed class StepRunner(BuildTrees trees, TreeDigest digests, BuildImages images, BuildContexts contexts, FileStepRunner files, ExecStepRunner execs, SourceFetch fetch) : IStepRunner
{
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
        catch (Exception failure) when (failure is GantryException or SyscallException or IOException or UnauthorizedAccessException)
        {
            throw Located(vertex, failure);
        }
    }

    /// <inheritdoc/>
    public Task<Digest> DigestOfAsync(StepResult tree, ContentSelection selection, CancellationToken cancellationToken) => Threads.RunAsync(() =>
    {
        var opened = BuildTree.Of(tree);
        using var root = trees.Open(opened);
        return digests.Of(root, selection, opened.OwnedByRoot, cancellationToken);
    });

    // Layers are directories of their own: laying them over others copies nothing.
    private static StepResult Merge(IReadOnlyList<StepResult> inputs)
    {
        var parts = inputs.Select(BuildTree.Of).ToList();
        if (parts.Exists(p => p.Directory is not null))
            throw new InvalidOperationException("only stacks of layers can be merged");
        return BuildTrees.ResultOf([.. parts.SelectMany(p => p.Layers)]);
    }

    private static GantryException Located(Vertex vertex, Exception failure)
    {
        var known = failure as GantryException;
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is DockerfileException && known is not null)
                return known;
        }

        return GantryException.Of(known?.Kind ?? ErrorKind.Internal, failure.Message, cause: vertex.Lines is { } lines ? new DockerfileException(lines, failure) : failure);
    }
}
