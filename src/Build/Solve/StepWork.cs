using Gantry.Model;

namespace Gantry.Build;

/// <summary>Gets the result of one vertex whose inputs are there: from the cache, or by running it.</summary>
internal sealed class StepWork(IStepRunner runner, IBuildCache cache, RecipeBook? recipes, TimeProvider time, SemaphoreSlim slots)
{
    /// <summary>As in <see cref="IStepRunner.IsAlone"/>.</summary>
    public bool IsAlone => runner.IsAlone;

    /// <param name="key">The key with the inputs' identities: what is looked up first, for it costs nothing.</param>
    public async Task<StepResult> RunAsync(Vertex vertex, IReadOnlyList<StepResult> inputs, Digest key, IBuildProgress progress, CancellationToken cancellationToken)
    {
        var state = new VertexProgress { Digest = vertex.Digest, Name = vertex.Name, Inputs = [.. vertex.Inputs.Select(i => i.Digest)], Started = time.GetUtcNow() };
        progress.Report(state);
        try
        {
            var (result, cached) = await GetAsync(vertex, inputs, key, progress, reasons => progress.Report(state = state with { Why = reasons }), cancellationToken);
            progress.Report(state with { Completed = time.GetUtcNow(), Cached = cached });
            return result;
        }
        catch (Exception failure) when (failure is GantryException or IOException or OperationCanceledException)
        {
            progress.Report(state with { Completed = time.GetUtcNow(), Error = failure is OperationCanceledException ? "canceled" : failure.Message });
            if (failure is GantryException known)
                throw FailureCauses.Locate(vertex, known);
            throw;
        }
    }

    private async Task<(StepResult Result, bool Cached)> GetAsync(
        Vertex vertex, IReadOnlyList<StepResult> inputs, Digest key, IBuildProgress progress, Action<IReadOnlyList<string>> tellWhy, CancellationToken cancellationToken)
    {
        // A source says itself what it holds now: a tag moves, a directory changes. Whoever runs it knows what it has of it.
        var isSource = vertex.Inputs.Count == 0 && vertex is ImageSource or LocalContext or GitSource or HttpSource;
        if (isSource)
            return (await RunAsync(vertex, inputs, progress, cancellationToken), false);

        // What lies trees over one another, or has no inputs, is nothing that people ask about.
        var book = vertex is MergeStep || vertex.Inputs.Count == 0 ? null : recipes;

        // 1 by the inputs' identities
        if (!vertex.IgnoreCache && cache.Find(key, vertex, inputs) is { } known)
        {
            // What it uses of an input nobody looked at.
            book?.Known(vertex, key, [.. inputs.Select((input, place) => vertex.SelectionOf(place) is null ? input.Identity : (Digest?)null)], static _ => null);
            return (known, true);
        }

        // 2 by the content of what is used of the inputs; the next time the first key is enough
        var digests = await ContentDigestsAsync(vertex, inputs, cancellationToken);
        Digest? contentKey = digests is null ? null : vertex.Key(digests);
        if (!vertex.IgnoreCache && contentKey is { } content && cache.Find(content, vertex, inputs) is { } same)
        {
            cache.Save(key, same, vertex);
            book?.Known(vertex, key, Seen(), FilesOf);
            return (same, true);
        }

        // 3 run
        if (book is not null)
            tellWhy(book.Run(vertex, key, Seen(), FilesOf));
        var result = await RunAsync(vertex, inputs, progress, cancellationToken);
        cache.Save(key, result, vertex);
        if (contentKey is { } other)
            cache.Save(other, result, vertex);
        return (result, false);

        IReadOnlyList<Digest?> Seen() => [.. (digests ?? inputs.Select(static input => input.Identity)).Select(static digest => (Digest?)digest)];

        IReadOnlyList<FileMark>? FilesOf(int place) => vertex.SelectionOf(place) is { } selection ? runner.FilesOf(inputs[place], selection) : null;
    }

    private async Task<StepResult> RunAsync(Vertex vertex, IReadOnlyList<StepResult> inputs, IBuildProgress progress, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        try
        {
            return await runner.RunAsync(vertex, inputs, progress, cancellationToken);
        }
        finally
        {
            slots.Release();
        }
    }

    // Null: no input counts by its content.
    private async Task<Digest[]?> ContentDigestsAsync(Vertex vertex, IReadOnlyList<StepResult> inputs, CancellationToken cancellationToken)
    {
        var digests = inputs.Select(static input => input.Identity).ToArray();
        return await ContentDigests.FillAsync(digests, vertex, inputs, runner, cancellationToken) ? digests : null;
    }
}
