using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Fetches the files that a step looks at before it runs, where they come from a cache outside the engine.</summary>
internal sealed class ImportingRunner(IStepRunner runner, CacheImports imports) : IStepRunner
{
    /// <inheritdoc/>
    public async Task<StepResult> RunAsync(Vertex vertex, IReadOnlyList<StepResult> inputs, IBuildProgress progress, CancellationToken cancellationToken)
    {
        // Merging looks at no files.
        if (vertex is not MergeStep)
        {
            foreach (var input in inputs)
                await imports.EnsureAsync(input, cancellationToken);
        }

        return await runner.RunAsync(vertex, inputs, progress, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<Digest> DigestOfAsync(StepResult tree, ContentSelection selection, CancellationToken cancellationToken)
    {
        await imports.EnsureAsync(tree, cancellationToken);
        return await runner.DigestOfAsync(tree, selection, cancellationToken);
    }

    /// <inheritdoc/>
    public IReadOnlyList<FileMark>? FilesOf(StepResult tree, ContentSelection selection) => runner.FilesOf(tree, selection);
}
