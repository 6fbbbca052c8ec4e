namespace Gantry.Build;

/// <summary>
/// Solves graphs: runs what has no known result, as much at once as the graph allows, and what several builds need at a time
/// only once. One for all builds.
/// </summary>
/// <param name="most">How many steps run at a time, over all builds.</param>
public sealed class Solver(IBuildCache cache, TimeProvider time, int most) : IDisposable
{
    private readonly StepFlights _flights = new();
    private readonly SemaphoreSlim _slots = new(most);

    /// <summary>Solves for the tree of one vertex, and of all below it that it needs.</summary>
    /// <exception cref="Model.GantryException">A step failed: the first to do so; the rest was stopped.</exception>
    /// <exception cref="OperationCanceledException">The client went away; what no other build waits for was stopped.</exception>
    /// <param name="runner">Runs what this build needs. A step that several builds need is run by the runner of the first.</param>
    public Task<StepResult> SolveAsync(Vertex target, IStepRunner runner, IBuildProgress progress, CancellationToken cancellationToken) =>
        SolveAsync(target, runner, progress, recipes: null, own: null, cancellationToken);

    /// <param name="recipes">Says why steps run, which is told with them; null: nobody does.</param>
    /// <param name="own">A cache of this build's own; null: that of all builds.</param>
    /// <inheritdoc cref="SolveAsync(Vertex, IStepRunner, IBuildProgress, CancellationToken)"/>
    public async Task<StepResult> SolveAsync(Vertex target, IStepRunner runner, IBuildProgress progress, RecipeBook? recipes, OwnCache? own, CancellationToken cancellationToken)
    {
        using var build = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var solve = new Solve(new StepWork(runner, own?.Cache ?? cache, recipes, time, _slots), own?.Flights ?? _flights, progress, build);
        return await solve.RunAsync(target);
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();
}
